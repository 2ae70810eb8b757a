//! Answers about the schema itself: `__schema` and `__type`.

use serde_json::{Map, Value, json};

use super::fault::Fault;
use super::plan::Plan;
use super::schema::{self, Body, FieldDef, InputDef, ROOT, TypeDef, TypeRef};

/// Values of an answer at most. The query that every tool sends makes some twenty thousand.
const MOST_VALUES: usize = 200_000;

/// Answers `__schema`.
pub(super) fn of_schema(teller: &mut Teller, fields: &[Plan]) -> Result<Value, Fault> {
    teller.object(fields, |teller, field| match field.name.as_str() {
        "types" => teller.list(schema::all(), |teller, one| teller.definition(one, &field.fields)),
        "queryType" => teller.named(ROOT, &field.fields),
        "directives" => {
            let names = ["include", "skip"].into_iter();
            teller.list(names, |teller, name| teller.directive(name, &field.fields))
        }
        _ => Ok(Value::Null),
    })
}

/// Answers `__type(name:)`; null when there is none of that name.
pub(super) fn of_type(
    teller: &mut Teller,
    arguments: &Map<String, Value>,
    fields: &[Plan],
) -> Result<Value, Fault> {
    let name = arguments.get("name").and_then(Value::as_str).unwrap_or_default();
    teller.named(name, fields)
}

/// Tells about the schema, and counts what it made for one answer.
#[derive(Debug, Default)]
pub(super) struct Teller {
    made: usize,
}

impl Teller {
    fn object(
        &mut self,
        fields: &[Plan],
        mut answer: impl FnMut(&mut Self, &Plan) -> Result<Value, Fault>,
    ) -> Result<Value, Fault> {
        let mut shown = Map::new();
        for field in fields {
            self.made += 1;
            if self.made > MOST_VALUES {
                let message =
                    format!("an answer about the schema has {MOST_VALUES} values at most");
                return Err(Fault::limit(message));
            }
            let value = match field.name.as_str() {
                "__typename" => field.owner.into(),
                _ => answer(self, field)?,
            };
            shown.insert(field.key.clone(), value);
        }
        Ok(Value::Object(shown))
    }

    fn list<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        mut show: impl FnMut(&mut Self, T) -> Result<Value, Fault>,
    ) -> Result<Value, Fault> {
        items.map(|item| show(self, item)).collect::<Result<Vec<_>, _>>().map(Value::Array)
    }

    fn named(&mut self, name: &str, fields: &[Plan]) -> Result<Value, Fault> {
        match schema::find(name) {
            Some(definition) => self.definition(definition, fields),
            None => Ok(Value::Null),
        }
    }

    fn definition(&mut self, of: &TypeDef, fields: &[Plan]) -> Result<Value, Fault> {
        self.object(fields, |teller, field| match (field.name.as_str(), &of.body) {
            ("kind", body) => Ok(kind(body).into()),
            ("name", _) => Ok(of.name.as_str().into()),
            ("description", _) => Ok(of.about.into()),
            ("isOneOf", Body::Input(_)) => Ok(false.into()),
            ("fields", Body::Object(inner)) => {
                teller.list(inner.iter(), |teller, one| teller.field(one, &field.fields))
            }
            ("interfaces", Body::Object(_)) => Ok(json!([])),
            ("inputFields", Body::Input(inner)) => {
                teller.list(inner.iter(), |teller, one| teller.input(one, &field.fields))
            }
            ("enumValues", Body::Enum(words)) => {
                teller.list(words.iter(), |teller, word| teller.word(word, &field.fields))
            }
            _ => Ok(Value::Null),
        })
    }

    fn reference(&mut self, of: &TypeRef, fields: &[Plan]) -> Result<Value, Fault> {
        let (kind, inner) = match of {
            TypeRef::Named(name) => return self.named(name, fields),
            TypeRef::List(inner) => ("LIST", inner),
            TypeRef::NonNull(inner) => ("NON_NULL", inner),
        };
        self.object(fields, |teller, field| match field.name.as_str() {
            "kind" => Ok(kind.into()),
            "ofType" => teller.reference(inner, &field.fields),
            _ => Ok(Value::Null),
        })
    }

    fn field(&mut self, of: &FieldDef, fields: &[Plan]) -> Result<Value, Fault> {
        self.object(fields, |teller, field| match field.name.as_str() {
            "name" => Ok(of.name.as_str().into()),
            "description" => Ok(of.about.into()),
            "args" => {
                teller.list(of.arguments.iter(), |teller, one| teller.input(one, &field.fields))
            }
            "type" => teller.reference(&of.kind, &field.fields),
            "isDeprecated" => Ok(false.into()),
            _ => Ok(Value::Null),
        })
    }

    fn input(&mut self, of: &InputDef, fields: &[Plan]) -> Result<Value, Fault> {
        self.object(fields, |teller, field| match field.name.as_str() {
            "name" => Ok(of.name.as_str().into()),
            "type" => teller.reference(&of.kind, &field.fields),
            "isDeprecated" => Ok(false.into()),
            _ => Ok(Value::Null),
        })
    }

    fn word(&mut self, word: &str, fields: &[Plan]) -> Result<Value, Fault> {
        self.object(fields, |_, field| match field.name.as_str() {
            "name" => Ok(word.into()),
            "isDeprecated" => Ok(false.into()),
            _ => Ok(Value::Null),
        })
    }

    fn directive(&mut self, name: &str, fields: &[Plan]) -> Result<Value, Fault> {
        let condition = InputDef {
            name: "if".to_owned(),
            kind: TypeRef::NonNull(Box::new(TypeRef::Named("Boolean".to_owned()))),
        };
        self.object(fields, |teller, field| match field.name.as_str() {
            "name" => Ok(name.into()),
            "locations" => Ok(json!(["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"])),
            "args" => teller
                .list([&condition].into_iter(), |teller, one| teller.input(one, &field.fields)),
            "isRepeatable" => Ok(false.into()),
            _ => Ok(Value::Null),
        })
    }
}

const fn kind(body: &Body) -> &'static str {
    match body {
        Body::Scalar => "SCALAR",
        Body::Object(_) => "OBJECT",
        Body::Input(_) => "INPUT_OBJECT",
        Body::Enum(_) => "ENUM",
    }
}
