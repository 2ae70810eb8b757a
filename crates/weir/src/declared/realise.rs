//! From a document to the changes that make it so, by way of a rehearsal.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;
use weir_core::config::{Change, Configuration, Object, ObjectKey, ObjectKind};

use super::api::CallError;
use super::enact::{Enacted, Stage};
use super::names::settled;
use super::normal::{normal, settle_rules};
use super::plan::Plan;
use super::{Document, Fields, Kind, Place, Rehearsal, Vocabulary, observe};
use crate::config::Problem;

/// What a document comes to.
#[derive(Debug)]
pub(crate) struct Realised {
    /// The difference, for people.
    pub(crate) plan: Plan,
    /// The difference, for the store.
    pub(crate) changes: Vec<Change>,
    /// The generation it holds for.
    pub(crate) generation: u64,
}

/// Makes the account of a rehearsal what `wanted` says. With `prune`, what `wanted` does not name
/// is deleted, but for stores of secrets: those hold what no file could bring back.
///
/// # Errors
/// Everything that is wrong with the document, each at its place in the file.
pub(crate) async fn realise(
    rehearsal: &Rehearsal,
    account: &str,
    vocabulary: &Vocabulary,
    wanted: &Document,
    prune: bool,
) -> Result<Realised, Vec<Problem>> {
    let wanted = &settled(wanted);
    let mut problems = vocabulary.check(wanted);
    let before =
        observe(rehearsal, account, vocabulary, false).await.map_err(|error| failed(&error))?;
    let mut stage = Stage::new(rehearsal, account, &before);
    let mut waiting = Vec::new();
    for (place, fields) in &wanted.objects {
        // A field that nobody knows may be a slip of one that matters.
        let inside = format!("{place}.");
        if problems.iter().any(|problem| problem.place.starts_with(&inside)) {
            continue;
        }
        let former = before.document.objects.get(place);
        // A table that is there for those within it says nothing of the object itself.
        let is_frame = fields.is_empty() && place.kind.children().next().is_some();
        if former.is_some_and(|former| is_frame || is_same(place.kind, fields, former)) {
            continue;
        }
        // What it belongs to was refused, and that has been told.
        if place.parent().is_some_and(|parent| !stage.knows(&parent)) {
            continue;
        }
        match stage.put(place, fields, former).await {
            Ok(Enacted::Done) => {}
            Ok(Enacted::Waits(secret)) => waiting.push((place.clone(), secret)),
            Err(found) => problems.extend(found),
        }
    }
    let extra: BTreeSet<&Place> = before
        .document
        .objects
        .keys()
        .filter(|place| !wanted.objects.contains_key(place))
        .collect();
    let (deleted, kept): (Vec<&Place>, Vec<&Place>) =
        extra.iter().copied().partition(|place| prune && place.kind != Kind::SecretsStore);
    // What refers goes before what it refers to; what belongs to something goes with it.
    for place in deleted.iter().rev() {
        let goes_along = place.parent().is_some_and(|parent| extra.contains(&parent));
        // An issuer goes before gateways, and not while a domain asks for it.
        if !goes_along || place.kind == Kind::CustomDomain {
            problems.extend(stage.delete(place).await.err().into_iter().flatten());
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }

    let after =
        observe(rehearsal, account, vocabulary, false).await.map_err(|error| failed(&error))?;
    let mut plan = Plan::between(&before.document, &after.document);
    plan.kept = kept.into_iter().cloned().collect();
    plan.waiting = waiting;
    plan.lost = before.left.iter().filter(|what| !after.left.contains(what)).cloned().collect();
    // A route gets a new version when it is written, be it the same in other words.
    let rewritten: BTreeSet<&str> = before
        .ids
        .iter()
        .filter(|(place, _)| place.kind == Kind::Route)
        .filter(|(place, _)| {
            before.document.objects.get(place) == after.document.objects.get(place)
        })
        .map(|(_, id)| id.as_str())
        .collect();
    let now = rehearsal.now();
    let mut changes = changes(rehearsal.before(), now.configuration());
    changes.retain(|change| match change {
        Change::Put(object) => {
            let key = object.key();
            key.kind != ObjectKind::Route || !rewritten.contains(&*key.id)
        }
        Change::Delete(_) => true,
    });
    // A credential looks the same before and after.
    for (place, id) in &before.ids {
        let put = |change: &Change| match change {
            Change::Put(object) => {
                let key = object.key();
                key.kind == place.kind.stored() && *key.id == **id
            }
            Change::Delete(_) => false,
        };
        if changes.iter().any(put) {
            plan.note_hidden_change(place);
        }
    }
    Ok(Realised { plan, changes, generation: rehearsal.before().generation })
}

fn failed(error: &CallError) -> Vec<Problem> {
    vec![Problem::new("installation", error.to_string())]
}

/// Whether an object of the file is what is there already, as far as that shows.
fn is_same(kind: Kind, fields: &Fields, former: &Fields) -> bool {
    let mut fields = fields.clone();
    settle_rules(&mut fields, former);
    normal(kind, &fields) == *former
}

/// What differs between two states, but for tokens and times. Puts come first, in the order in
/// which objects may be put.
fn changes(before: &Configuration, after: &Configuration) -> Vec<Change> {
    let by_key = |configuration: &Configuration| -> HashMap<ObjectKey, Object> {
        let objects = configuration.objects().into_iter();
        objects.map(|object| (object.key(), object)).collect()
    };
    let counts = |object: &Object| object.kind() != ObjectKind::ApiToken;
    let (former, present) = (by_key(before), by_key(after));
    let mut changes = Vec::new();
    for object in after.objects().into_iter().filter(counts) {
        let is_same = former.get(&object.key()).is_some_and(|other| same(other, &object));
        if !is_same {
            changes.push(Change::Put(object));
        }
    }
    for object in before.objects().into_iter().filter(counts) {
        if !present.contains_key(&object.key()) {
            changes.push(Change::Delete(object.key()));
        }
    }
    changes
}

fn same(one: &Object, other: &Object) -> bool {
    let form = |object: &Object| -> Option<Value> {
        let mut value = serde_json::from_str::<Value>(&object.to_stored().ok()?).ok()?;
        for time in ["modified_at", "updated_at", "modified"] {
            value.as_object_mut()?.shift_remove(time);
        }
        Some(value)
    };
    form(one).is_some_and(|one| Some(one) == form(other))
}
