//! A query held against the schema: fragments spread, directives decided, variables put in. What
//! remains is a tree of fields that can be answered one by one.

use std::collections::HashMap;

use async_graphql_parser::Positioned;
use async_graphql_parser::types::{Directive, Selection, SelectionSet};
use serde_json::{Map, Value};
use weir_core::text;

use super::fault::Fault;
use super::request::Query;
use super::schema::{self, FieldDef};

/// Fields within each other.
const MOST_DEPTH: usize = 20;
/// Fields of a query.
pub(super) const MOST_FIELDS: usize = 200;
/// Fields that ask for the schema. The query that every tool sends has more than two hundred.
const MOST_META_FIELDS: usize = 1_000;

/// A field to answer.
#[derive(Debug)]
pub(super) struct Plan {
    /// Its name in the answer.
    pub(super) key: String,
    /// Its name in the schema.
    pub(super) name: String,
    /// Arguments that have a value.
    pub(super) arguments: Map<String, Value>,
    /// The type of the object it is asked of.
    pub(super) owner: &'static str,
    /// What is asked of its own value.
    pub(super) fields: Vec<Plan>,
}

/// The fields that the operation asks for at its root.
pub(super) fn plan(query: &Query) -> Result<Vec<Plan>, Fault> {
    let mut planner = Planner { query, path: Vec::new(), seen: 0, most: MOST_FIELDS };
    planner.fields(&[&query.operation.selection_set.node], schema::ROOT)
}

struct Planner<'q> {
    query: &'q Query,
    path: Vec<String>,
    seen: usize,
    most: usize,
}

/// Selections of one response key, which are one field.
struct Collected<'q> {
    key: &'q str,
    name: &'q str,
    arguments: Map<String, Value>,
    sets: Vec<&'q SelectionSet>,
}

impl<'q> Planner<'q> {
    fn fields(
        &mut self,
        sets: &[&'q SelectionSet],
        owner: &'static str,
    ) -> Result<Vec<Plan>, Fault> {
        let mut collected = Vec::new();
        for set in sets {
            self.collect(set, owner, &mut Vec::new(), &mut collected)?;
        }
        collected.into_iter().map(|field| self.field(field, owner)).collect()
    }

    fn field(&mut self, field: Collected<'q>, owner: &'static str) -> Result<Plan, Fault> {
        self.path.push(field.key.to_owned());
        let meta = owner == schema::ROOT && ["__schema", "__type"].contains(&field.name);
        let outside = (self.seen, self.most);
        if meta {
            (self.seen, self.most) = (0, MOST_META_FIELDS);
        }
        let planned = self.planned(field, owner).map_err(|fault| fault.at(&self.path));
        if meta {
            (self.seen, self.most) = outside;
        }
        self.path.pop();
        planned
    }

    fn planned(&mut self, field: Collected<'q>, owner: &'static str) -> Result<Plan, Fault> {
        let Collected { key, name, arguments, sets } = field;
        if self.path.len() > MOST_DEPTH {
            return Err(Fault::limit(format!("a query is {MOST_DEPTH} fields deep at most")));
        }
        let mut fields = Vec::new();
        if name != "__typename" {
            let definition = definition(owner, name)?;
            known_arguments(definition, &arguments)?;
            let kind = schema::find(definition.kind.named());
            match kind.filter(|kind| kind.fields().is_some()) {
                Some(object) if sets.is_empty() => {
                    let inner = &object.name;
                    let message = format!("'{name}' is of type {inner}: say which of its fields");
                    return Err(Fault::validation(message));
                }
                Some(object) => fields = self.fields(&sets, object.name.as_str())?,
                None if !sets.is_empty() => {
                    return Err(Fault::validation(format!("'{name}' has no fields")));
                }
                None => {}
            }
        }
        Ok(Plan { key: key.to_owned(), name: name.to_owned(), arguments, owner, fields })
    }

    fn collect(
        &mut self,
        set: &'q SelectionSet,
        owner: &'static str,
        within: &mut Vec<&'q str>,
        found: &mut Vec<Collected<'q>>,
    ) -> Result<(), Fault> {
        for item in &set.items {
            self.seen += 1;
            if self.seen > self.most {
                let most = self.most;
                return Err(Fault::limit(format!("a query has {most} fields at most")));
            }
            if !self.wanted(item.node.directives())? {
                continue;
            }
            match &item.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let mut arguments = Map::new();
                    for (name, value) in &field.arguments {
                        if let Some(value) = self.value(&value.node)? {
                            arguments.insert(name.node.to_string(), value);
                        }
                    }
                    let key = field.response_key().node.as_str();
                    let set = &field.selection_set.node;
                    let sets = if set.items.is_empty() { Vec::new() } else { vec![set] };
                    let field = Collected { key, name: &field.name.node, arguments, sets };
                    merge(field, found)?;
                }
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    if let Some(on) = &fragment.type_condition {
                        fits(&on.node.on.node, owner)?;
                    }
                    self.collect(&fragment.selection_set.node, owner, within, found)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    let fragment = self.query.document.fragments.get(name);
                    let Some(fragment) = fragment.map(|fragment| &fragment.node) else {
                        return Err(Fault::validation(format!("there is no fragment '{name}'")));
                    };
                    if within.contains(&name) {
                        let message = format!("the fragment '{name}' spreads itself");
                        return Err(Fault::validation(message));
                    }
                    fits(&fragment.type_condition.node.on.node, owner)?;
                    within.push(name);
                    self.collect(&fragment.selection_set.node, owner, within, found)?;
                    within.pop();
                }
            }
        }
        Ok(())
    }

    /// What `@include` and `@skip` say.
    fn wanted(&self, directives: &[Positioned<Directive>]) -> Result<bool, Fault> {
        for directive in directives {
            let name = directive.node.name.node.as_str();
            let included = match name {
                "include" => true,
                "skip" => false,
                _ => return Err(Fault::validation(format!("there is no directive @{name}"))),
            };
            let condition = directive.node.get_argument("if").map(|value| self.value(&value.node));
            let Some(Value::Bool(condition)) = condition.transpose()?.flatten() else {
                return Err(Fault::validation(format!("@{name} needs if: true or false")));
            };
            if condition != included {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A value with its variables put in. `None`: a variable that has none, so that the place it
    /// stands at counts as not given.
    fn value(&self, value: &async_graphql_value::Value) -> Result<Option<Value>, Fault> {
        use async_graphql_value::Value as Written;
        Ok(Some(match value {
            Written::Variable(name) => {
                let declared = &self.query.operation.variable_definitions;
                if !declared.iter().any(|one| one.node.name.node == *name) {
                    return Err(Fault::validation(format!("the variable ${name} is not declared")));
                }
                return Ok(self.query.variables.get(name.as_str()).cloned());
            }
            Written::Null => Value::Null,
            Written::Number(number) => Value::Number(number.clone()),
            Written::String(text) => text.as_str().into(),
            Written::Boolean(flag) => (*flag).into(),
            Written::Enum(name) => name.as_str().into(),
            Written::Binary(_) => Value::Null,
            Written::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    list.extend(self.value(item)?);
                }
                list.into()
            }
            Written::Object(fields) => {
                let mut object = Map::new();
                for (name, field) in fields {
                    if let Some(value) = self.value(field)? {
                        object.insert(name.to_string(), value);
                    }
                }
                object.into()
            }
        }))
    }
}

/// Adds a field, or its selections to the field of the same response key.
fn merge<'q>(field: Collected<'q>, found: &mut Vec<Collected<'q>>) -> Result<(), Fault> {
    let Some(present) = found.iter_mut().find(|present| present.key == field.key) else {
        found.push(field);
        return Ok(());
    };
    if present.name != field.name || present.arguments != field.arguments {
        let key = field.key;
        let message = format!("'{key}' stands for two different fields: give one an alias");
        return Err(Fault::validation(message));
    }
    present.sets.extend(field.sets);
    Ok(())
}

fn fits(on: &str, owner: &str) -> Result<(), Fault> {
    if on == owner {
        return Ok(());
    }
    Err(Fault::validation(format!("a fragment on {on} cannot stand in {owner}")))
}

fn definition(owner: &'static str, name: &str) -> Result<&'static FieldDef, Fault> {
    let fields = schema::find(owner).and_then(|kind| kind.fields()).unwrap_or_default();
    let hidden = if owner == schema::ROOT { schema::meta_fields() } else { &[] };
    let mut every = fields.iter().chain(hidden);
    if let Some(found) = every.find(|field| field.name == name) {
        return Ok(found);
    }
    let meant = text::nearest(name, fields.iter().map(|field| field.name.as_str()));
    let hint = meant.map(|meant| format!(": '{meant}' is known")).unwrap_or_default();
    Err(Fault::validation(format!("there is no field '{name}' in {owner}{hint}")))
}

fn known_arguments(field: &FieldDef, given: &Map<String, Value>) -> Result<(), Fault> {
    let known: HashMap<&str, bool> = field
        .arguments
        .iter()
        .map(|argument| (argument.name.as_str(), argument.kind.is_required()))
        .collect();
    if let Some(name) = given.keys().find(|name| !known.contains_key(name.as_str())) {
        let message = format!("'{}' takes no argument '{name}'", field.name);
        return Err(Fault::validation(message));
    }
    for (name, required) in known {
        if required && given.get(name).is_none_or(Value::is_null) {
            let message = format!("'{}' needs the argument '{name}'", field.name);
            return Err(Fault::validation(message));
        }
    }
    Ok(())
}
