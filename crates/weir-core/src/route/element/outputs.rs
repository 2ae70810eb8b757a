//! The outputs of an element: where its ways lead.

use std::sync::Arc;

use serde_json::Value;

use crate::fault::Faults;
use crate::route::graph::ElementId;

/// The outputs of an element: names and targets.
pub(super) struct Outputs(pub(super) Vec<(String, ElementId)>);

impl Outputs {
    pub(super) fn read(value: &Value, may_be_missing: bool, faults: &mut Faults) -> Option<Self> {
        let given = match value.get("outputs") {
            None if may_be_missing => return Some(Self(Vec::new())),
            Some(Value::Object(given)) => given,
            _ => {
                faults.refuse_at("outputs", "must be an object");
                return None;
            }
        };
        let mut read = Vec::new();
        faults.within("outputs", |faults| {
            for (name, output) in given {
                match output["elementId"].as_str() {
                    Some(target) => read.push((name.clone(), Arc::from(target))),
                    None => faults.within(name, |faults| {
                        faults.refuse_at("elementId", "must be the id of an element");
                    }),
                }
            }
        });
        (read.len() == given.len()).then_some(Self(read))
    }

    pub(super) fn find(&self, name: &str) -> Option<ElementId> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, target)| Arc::clone(target))
    }

    pub(super) fn required(&self, name: &str, faults: &mut Faults) -> Option<ElementId> {
        let found = self.find(name);
        if found.is_none() {
            faults.within("outputs", |faults| faults.refuse_at(name, "is required"));
        }
        found
    }

    /// Refuses every output but these.
    pub(super) fn only(&self, names: &[&str], faults: &mut Faults) -> Option<()> {
        let mut sound = true;
        for (name, _) in self.0.iter().filter(|(name, _)| !names.contains(&name.as_str())) {
            sound = false;
            faults.within("outputs", |faults| {
                faults.refuse_at(name, "is not an output of such an element");
            });
        }
        sound.then_some(())
    }
}
