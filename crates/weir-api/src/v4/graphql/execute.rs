//! Answering a plan.

use serde_json::{Map, Value, json};

use super::fault::Fault;
use super::groups::{self, AVERAGES, DATASETS, Dataset, Room, SUMS};
use super::introspection::{self, Teller};
use super::plan::Plan;
use crate::Api;
use crate::caller::Caller;

/// Datasets that one query asks for; each is a question to the store.
const MOST_DATASETS: usize = 20;

/// The `data` of the answer.
pub(super) async fn execute(api: &Api, caller: &Caller, plan: &[Plan]) -> Result<Value, Fault> {
    let mut run = Run { api, caller, asked: 0, room: Room::default() };
    let mut teller = Teller::default();
    let mut data = Map::new();
    for field in plan {
        let value = match field.name.as_str() {
            "__schema" => introspection::of_schema(&mut teller, &field.fields)?,
            "__type" => introspection::of_type(&mut teller, &field.arguments, &field.fields)?,
            "viewer" => run.viewer(field).await?,
            _ => field.owner.into(),
        };
        data.insert(field.key.clone(), value);
    }
    Ok(Value::Object(data))
}

struct Run<'a> {
    api: &'a Api,
    caller: &'a Caller,
    asked: usize,
    room: Room,
}

impl Run<'_> {
    async fn viewer(&mut self, viewer: &Plan) -> Result<Value, Fault> {
        let mut shown = Map::new();
        for field in &viewer.fields {
            let value = match field.name.as_str() {
                "accounts" => {
                    let path = [viewer.key.clone(), field.key.clone()];
                    self.own_account(&field.arguments).map_err(|fault| fault.at(&path))?;
                    json!([self.account(&path, &field.fields).await?])
                }
                _ => field.owner.into(),
            };
            shown.insert(field.key.clone(), value);
        }
        Ok(Value::Object(shown))
    }

    /// Whatever account is asked for must be the caller's own. A foreign one and one that does not
    /// exist are the same, as everywhere.
    fn own_account(&self, arguments: &Map<String, Value>) -> Result<(), Fault> {
        let conditions = match arguments.get("filter") {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Object(conditions)) => conditions,
            Some(_) => return Err(Fault::validation("a filter is an object")),
        };
        let own = |value: &Value| value.as_str() == Some(self.caller.account().as_str());
        for (name, value) in conditions.iter().filter(|(_, value)| !value.is_null()) {
            let allowed = match (name.as_str(), value) {
                ("accountTag", value) => own(value),
                ("accountTag_in", Value::Array(tags)) => tags.iter().all(own),
                ("accountTag_in", value) => own(value),
                _ => {
                    let message = format!("accounts are not filtered by '{name}'");
                    return Err(Fault::validation(message));
                }
            };
            if !allowed {
                return Err(Fault::authz("the token does not have access to this account"));
            }
        }
        Ok(())
    }

    async fn account(&mut self, path: &[String], fields: &[Plan]) -> Result<Value, Fault> {
        let mut shown = Map::new();
        for field in fields {
            let dataset = DATASETS.iter().find(|dataset| dataset.field == field.name);
            let value = match (dataset, field.name.as_str()) {
                (Some(dataset), _) => {
                    let path = [path, &["0".to_owned(), field.key.clone()]].concat();
                    self.asked += 1;
                    if self.asked > MOST_DATASETS {
                        let message = format!("a query asks for {MOST_DATASETS} datasets at most");
                        return Err(Fault::limit(message).at(&path));
                    }
                    let room = &mut self.room;
                    let answer = groups::answer(self.api, self.caller, dataset, field, room);
                    answer.await.map_err(|fault| fault.at(&path))?
                }
                (None, "accountTag") => self.caller.account().as_str().into(),
                (None, "settings") => settings(field),
                (None, _) => field.owner.into(),
            };
            shown.insert(field.key.clone(), value);
        }
        Ok(Value::Object(shown))
    }
}

/// What can be asked of each dataset.
fn settings(field: &Plan) -> Value {
    let one = |dataset: &Dataset, field: &Plan| -> Value {
        let value = |field: &Plan| match field.name.as_str() {
            "__typename" => field.owner.into(),
            "enabled" => true.into(),
            "maxNumberOfFields" => super::plan::MOST_FIELDS.into(),
            "maxPageSize" => groups::MOST.into(),
            "availableFields" => available(dataset).into(),
            // There is no bound.
            _ => Value::Null,
        };
        Value::Object(field.fields.iter().map(|field| (field.key.clone(), value(field))).collect())
    };
    let value = |field: &Plan| {
        let dataset = DATASETS.iter().find(|dataset| dataset.field == field.name);
        dataset.map_or_else(|| field.owner.into(), |dataset| one(dataset, field))
    };
    Value::Object(field.fields.iter().map(|field| (field.key.clone(), value(field))).collect())
}

fn available(dataset: &Dataset) -> Vec<String> {
    let dimensions = dataset.dimensions().map(|one| format!("dimensions_{}", one.name));
    let mut names: Vec<String> = dimensions.collect();
    names.push(if dataset.is_counted() { "count" } else { "max_rows" }.to_owned());
    if dataset.is_summed() {
        names.extend(SUMS.iter().map(|(name, ..)| format!("sum_{name}")));
        names.extend(AVERAGES.iter().map(|(name, ..)| format!("avg_{name}")));
    }
    names
}
