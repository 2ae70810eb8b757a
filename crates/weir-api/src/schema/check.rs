//! Holding a value against its schema.

use serde_json::Value;
use weir_core::{Timestamp, text};

use super::{Field, Form, Presence, Schema};

/// Something wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Where, e.g. `["body", "cache_ttl"]`.
    pub(crate) path: Vec<String>,
    /// What, and what it should be.
    pub(crate) message: String,
}

/// What a check found.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// Reasons to refuse the input.
    pub(crate) refusals: Vec<Refusal>,
    /// Fields that were passed over because nobody knows them.
    pub(crate) ignored: Vec<String>,
}

/// Refusals reported at once.
const MOST_REFUSALS: usize = 20;
/// Notes on ignored fields in one answer.
const MOST_NOTES: usize = 20;

/// Which side of a call a value is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Input,
    #[cfg(test)]
    Answer,
}

impl Schema {
    /// Checks an input; `root` names where it stands (`body`, `query`).
    pub(crate) fn check(&self, value: &Value, root: &str) -> Checked {
        let mut walk =
            Walk { side: Side::Input, path: vec![root.to_owned()], found: Checked::default() };
        walk.value(self, value);
        walk.found
    }

    /// Checks an answer: fields that nobody declared are refused, too.
    #[cfg(test)]
    pub(crate) fn check_answer(&self, value: &Value) -> Vec<Refusal> {
        let path = vec!["answer".to_owned()];
        let mut walk = Walk { side: Side::Answer, path, found: Checked::default() };
        walk.value(self, value);
        walk.found.refusals
    }
}

struct Walk {
    side: Side,
    path: Vec<String>,
    found: Checked,
}

impl Walk {
    fn refuse(&mut self, expected: impl std::fmt::Display) {
        if self.found.refusals.len() < MOST_REFUSALS {
            let name = self.path.last().map_or("value", String::as_str);
            let message = format!("{name} {expected}");
            self.found.refusals.push(Refusal { path: self.path.clone(), message });
        }
    }

    fn value(&mut self, schema: &Schema, value: &Value) {
        match (schema, value) {
            (Schema::Any, _)
            | (Schema::Bool, Value::Bool(_))
            | (Schema::Nullable(_), Value::Null) => {}
            (Schema::Nullable(inner), value) => self.value(inner, value),
            (Schema::Bool, _) => self.refuse("must be true or false"),
            (Schema::Text { min, max, form }, Value::String(text)) => {
                self.text(text, *min, *max, *form);
            }
            (Schema::Text { .. }, _) => self.refuse("must be a string"),
            (Schema::Integer { min, max }, value) => {
                // What is larger than an i64 is above every bound but the open one.
                let huge = *max == i64::MAX && value.is_u64() && value.as_i64().is_none();
                let fits = value.as_i64().is_some_and(|number| (*min..=*max).contains(&number));
                if !fits && !huge {
                    self.refuse(format_args!("must be a whole number {}", range(min, max)));
                }
            }
            (Schema::Number { min, max }, value) => {
                let fits = value.as_f64().is_some_and(|number| (*min..=*max).contains(&number));
                if !fits {
                    self.refuse(match (min.is_finite(), max.is_finite()) {
                        (true, true) => format!("must be a number from {min} to {max}"),
                        (true, false) => format!("must be a number of at least {min}"),
                        _ => "must be a number".to_owned(),
                    });
                }
            }
            (Schema::Choice(words), value) => {
                if !value.as_str().is_some_and(|text| words.contains(&text)) {
                    self.refuse(format_args!("must be one of {}", words.join(", ")));
                }
            }
            (Schema::Array { items, max }, Value::Array(values)) => {
                if values.len() > *max {
                    self.refuse(format_args!("may have {max} elements at most"));
                    return;
                }
                for (place, value) in values.iter().enumerate() {
                    self.within(&place.to_string(), |walk| walk.value(items, value));
                }
            }
            (Schema::Array { .. }, _) => self.refuse("must be an array"),
            (Schema::Object(fields), Value::Object(given)) => self.object(fields, given),
            (Schema::Map(inner), Value::Object(given)) => {
                for (name, value) in given {
                    self.within(name, |walk| walk.value(inner, value));
                }
            }
            (Schema::Object(_) | Schema::Map(_), _) => self.refuse("must be an object"),
            (Schema::OneOf(forms), value) => self.one_of(forms, value),
        }
    }

    fn object(&mut self, fields: &[Field], given: &serde_json::Map<String, Value>) {
        let input = self.side == Side::Input;
        for field in fields {
            let skipped = if input { Presence::ReadOnly } else { Presence::WriteOnly };
            match given.get(field.name) {
                Some(value) if field.presence != skipped => {
                    self.within(field.name, |walk| walk.value(&field.schema, value));
                }
                Some(_) if !input => {
                    self.within(field.name, |walk| walk.refuse("must not be shown"));
                }
                None if field.presence == Presence::Required => {
                    self.within(field.name, |walk| walk.refuse("is required"));
                }
                _ => {}
            }
        }
        let known = |name: &String| fields.iter().any(|field| field.name == name);
        for name in given.keys().filter(|name| !known(name)) {
            if !input {
                self.within(name, |walk| walk.refuse("is not declared"));
            } else if self.found.ignored.len() < MOST_NOTES {
                let names = fields.iter().map(|field| field.name);
                let meant = text::nearest(name, names);
                let place = self.path[1..].join(".");
                let name = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                self.found.ignored.push(match meant {
                    Some(meant) => format!("{name} is unknown and was ignored; {meant} is known"),
                    None => format!("{name} is unknown and was ignored"),
                });
            }
        }
    }

    fn one_of(&mut self, forms: &[Schema], value: &Value) {
        let mut last = Checked::default();
        for form in forms {
            let mut attempt =
                Walk { side: self.side, path: self.path.clone(), found: Checked::default() };
            attempt.value(form, value);
            if attempt.found.refusals.is_empty() {
                self.found.ignored.append(&mut attempt.found.ignored);
                return;
            }
            last = attempt.found;
        }
        self.found.refusals.append(&mut last.refusals);
    }

    fn text(&mut self, text: &str, min: usize, max: usize, form: Form) {
        let length = text.chars().count();
        if length < min || length > max {
            let least = i64::try_from(min).unwrap_or(i64::MAX);
            let most = i64::try_from(max).unwrap_or(i64::MAX);
            self.refuse(format_args!("must have a length {} characters", range(&least, &most)));
            return;
        }
        let verdict = match form {
            Form::Free => Ok(()),
            Form::Uri => match text.parse::<http::Uri>() {
                Ok(uri) if uri.scheme().is_some() && uri.host().is_some() => Ok(()),
                _ => Err("must be an absolute URI such as https://host/path"),
            },
            Form::DateTime => Timestamp::parse(text)
                .map(|_| ())
                .ok_or("must be an RFC 3339 time such as 2026-01-31T12:00:00Z"),
            Form::Checked { check, .. } => check(text),
        };
        if let Err(expected) = verdict {
            self.refuse(expected);
        }
    }

    fn within(&mut self, name: &str, step: impl FnOnce(&mut Self)) {
        self.path.push(name.to_owned());
        step(self);
        self.path.pop();
    }
}

fn range(min: &i64, max: &i64) -> String {
    match (*min, *max) {
        (i64::MIN, i64::MAX) => "of any size".to_owned(),
        (min, i64::MAX) => format!("of at least {min}"),
        (i64::MIN, max) => format!("of at most {max}"),
        (min, max) => format!("from {min} to {max}"),
    }
}
