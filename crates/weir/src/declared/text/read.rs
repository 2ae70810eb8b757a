//! From text to a document.

use serde_json::{Map, Number, Value};

use super::{NULL, is_null_key, key};
use crate::config::Problem;
use crate::declared::{Document, Fields, Kind, Place};

/// Reads a document, or says everything that is wrong with its form. What the fields mean is not
/// looked at here.
pub(crate) fn read(text: &str) -> Result<Document, Vec<Problem>> {
    let table = text.parse::<toml::Table>().map_err(|error| {
        // The line itself is not repeated: it may hold a credential.
        let place = match error.span().and_then(|span| text.get(..span.start)) {
            Some(before) => format!("line {}", before.matches('\n').count() + 1),
            None => "file".to_owned(),
        };
        vec![Problem::new(place, format!("is not valid TOML: {}", error.message().trim()))]
    })?;
    let mut reading = Reading { document: Document::default(), problems: Vec::new() };
    for (name, value) in table {
        reading.top(&name, value);
    }
    if reading.problems.is_empty() { Ok(reading.document) } else { Err(reading.problems) }
}

struct Reading {
    document: Document,
    problems: Vec<Problem>,
}

impl Reading {
    fn complain(&mut self, place: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem::new(place, message));
    }

    fn top(&mut self, name: &str, value: toml::Value) {
        const ACCOUNT: &str = "account";
        let kinds = Kind::EVERY.into_iter().filter(|kind| kind.parent().is_none());
        match (kinds.clone().find(|kind| kind.section() == name), value) {
            (Some(kind), value) => self.section(None, kind, value),
            (None, toml::Value::String(account)) if name == ACCOUNT => {
                self.document.account = Some(account);
            }
            (None, _) if name == ACCOUNT => self.complain(ACCOUNT, "must be text"),
            (None, _) => {
                let known: Vec<_> = kinds.map(Kind::section).chain([ACCOUNT]).collect();
                self.complain(key(name), crate::config::unknown(name, &known));
            }
        }
    }

    /// A table of objects of one kind.
    fn section(&mut self, parent: Option<&str>, kind: Kind, value: toml::Value) {
        let toml::Value::Table(objects) = value else {
            let place = match (kind.parent(), parent) {
                (Some(above), Some(parent)) => {
                    format!("{}.{}", Place::top(above, parent), kind.section())
                }
                _ => kind.section().to_owned(),
            };
            let message = format!("must be tables with names, such as [{place}.example]");
            return self.complain(place, message);
        };
        for (name, value) in objects {
            let place = Place { kind, parent: parent.map(str::to_owned), name };
            match value {
                toml::Value::Table(fields) => self.object(place, fields),
                _ => self.complain(place.to_string(), "must be a table"),
            }
        }
    }

    fn object(&mut self, place: Place, table: toml::Table) {
        let mut fields = Fields::new();
        for (name, value) in table {
            if let Some(child) = place.kind.children().find(|child| child.section() == name) {
                self.section(Some(&place.name), child, value);
                continue;
            }
            match json(value) {
                Ok(value) => {
                    fields.insert(name, value);
                }
                Err(message) => self.complain(format!("{place}.{}", key(&name)), message),
            }
        }
        self.document.objects.insert(place, fields);
    }
}

/// A value of the file as JSON.
fn json(value: toml::Value) -> Result<Value, &'static str> {
    Ok(match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => {
            Value::Number(Number::from_f64(number).ok_or("must be a finite number")?)
        }
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(_) => return Err("is a date: write it in quotes, as text"),
        toml::Value::Array(items) => {
            Value::Array(items.into_iter().map(json).collect::<Result<_, _>>()?)
        }
        toml::Value::Table(table) => object_or_null(table)?,
    })
}

fn object_or_null(table: toml::Table) -> Result<Value, &'static str> {
    if table.len() == 1 && table.get(NULL) == Some(&toml::Value::Boolean(true)) {
        return Ok(Value::Null);
    }
    let alone = table.len() == 1;
    let mut fields = Map::new();
    for (mut name, value) in table {
        if alone && is_null_key(&name) && name != NULL {
            // The mark that kept it from being taken for null.
            name.pop();
        }
        fields.insert(name, json(value)?);
    }
    Ok(Value::Object(fields))
}
