//! Names of objects that may share one. In a document they are told apart by a number, in an order
//! that their content alone decides, so that the same objects always stand at the same places.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::normal::normal;
use super::{Document, Fields, Place};

/// Gives each object a place of its own. What else belongs to it goes along.
pub(super) fn tell_apart<T>(all: Vec<(Place, Fields, T)>) -> Vec<(Place, Fields, T)> {
    let mut groups: BTreeMap<Place, Vec<(Fields, T)>> = BTreeMap::new();
    for (mut place, mut fields, rest) in all {
        if let Some(field) = place.kind.name_field()
            && let Some(Value::String(name)) = fields.shift_remove(field)
        {
            place.name = name;
        }
        groups.entry(place).or_default().push((fields, rest));
    }
    // A number that was chosen here may be somebody's own.
    let mut taken: BTreeSet<Place> = groups.keys().cloned().collect();
    let mut apart = Vec::new();
    for (place, mut group) in groups {
        group.sort_by_cached_key(|(fields, _)| {
            super::text::value(&Value::Object(normal(place.kind, fields)))
        });
        let mut number = 1;
        for (mut fields, rest) in group {
            let mut own = place.clone();
            if number > 1 {
                while !taken.insert(own.clone()) {
                    own.name = format!("{} ({number})", place.name);
                    number += 1;
                }
                if let Some(field) = place.kind.name_field() {
                    fields.insert(field.to_owned(), place.name.as_str().into());
                }
            }
            number = number.max(2);
            apart.push((own, fields, rest));
        }
    }
    apart
}

/// The same document, each object at the place that an export would give it.
pub(super) fn settled(document: &Document) -> Document {
    let (mut shared, mut objects) = (Vec::new(), BTreeMap::new());
    for (place, fields) in &document.objects {
        if place.kind.name_field().is_some() {
            shared.push((place.clone(), fields.clone(), ()));
        } else {
            objects.insert(place.clone(), fields.clone());
        }
    }
    objects.extend(tell_apart(shared).into_iter().map(|(place, fields, ())| (place, fields)));
    Document { objects, ..document.clone() }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    #[test]
    fn a_number_that_is_a_name_already_is_passed_over() {
        let policy = |name: &str| (Place::within("g", Kind::Policy, name), Fields::new(), ());
        let all = ["p", "p", "p (2)", "p"].map(policy).to_vec();
        let mut names: Vec<_> = tell_apart(all).into_iter().map(|(place, ..)| place.name).collect();
        names.sort();
        assert_eq!(names, ["p", "p (2)", "p (3)", "p (4)"]);
    }
}
