//! Who pays: the first half of the name of a budget (spec: observability 7.3).

use super::identity::{Fact, Field, Identity};
use crate::text;

/// A text with facts of the caller in braces, e.g. `user:{cf.user.id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorTemplate(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(Field),
}

/// Characters of a template.
const MAX_CHARS: usize = 256;

impl ActorTemplate {
    /// Reads a template; the error says what it must be.
    pub fn parse(template: &str) -> Result<Self, String> {
        if !(1..=MAX_CHARS).contains(&template.chars().count()) {
            return Err(format!("must have 1 to {MAX_CHARS} characters"));
        }
        let mut pieces = Vec::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or("must close every { with a }")?;
            if !before.is_empty() {
                pieces.push(plain(before)?);
            }
            let field = Field::parse(name).ok_or_else(|| unknown(name))?;
            pieces.push(Piece::Field(field));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(plain(rest)?);
        }
        Ok(Self(pieces))
    }

    /// The name for a caller. `None` when a fact is missing or is no single value.
    pub fn resolve(&self, identity: &Identity) -> Option<String> {
        let mut name = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => name.push_str(text),
                Piece::Field(field) => match identity.get(field)? {
                    Fact::Text(text) => name.push_str(text),
                    Fact::Number(number) => name.push_str(&number.to_string()),
                    Fact::Bool(flag) => name.push_str(if flag { "true" } else { "false" }),
                    Fact::List(_) => return None,
                },
            }
        }
        Some(name)
    }
}

fn plain(text: &str) -> Result<Piece, String> {
    if text.contains('}') {
        return Err("must open every } with a {".to_owned());
    }
    Ok(Piece::Text(text.to_owned()))
}

fn unknown(name: &str) -> String {
    match text::nearest(name, Field::NAMES) {
        Some(near) => format!("names {{{name}}}, which is not a field; did you mean {near}?"),
        None => format!("names {{{name}}}, which is not a field: {}", Field::NAMES.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::Claims;

    #[test]
    fn facts_stand_in_for_their_names() {
        let metadata = json!({"team": "a", "n": 7, "on": true}).as_object().unwrap().clone();
        let claims = Claims { user_id: Some("u1".to_owned()), ..Claims::default() };
        let identity = Identity::new(claims, metadata);
        let cases = [
            ("company:all", Some("company:all")),
            ("user:{cf.user.id}", Some("user:u1")),
            ("{metadata.team}/{metadata.n}/{metadata.on}", Some("a/7/true")),
            ("{cf.user.email}", None),
            ("{cf.user.groups}", None),
            ("x{metadata.other}", None),
        ];
        for (template, name) in cases {
            let actor = ActorTemplate::parse(template).unwrap();
            assert_eq!(actor.resolve(&identity).as_deref(), name, "{template}");
        }
    }

    #[test]
    fn templates_are_checked() {
        for bad in ["", "{", "}", "a}b", "{}", "{cf.user}", "{a{cf.user.id}}", "{metadata.}"] {
            assert!(ActorTemplate::parse(bad).is_err(), "{bad}");
        }
        assert!(ActorTemplate::parse(&"x".repeat(257)).is_err());
        let near = ActorTemplate::parse("user:{cf.user.ids}").unwrap_err();
        assert!(near.ends_with("did you mean cf.user.id?"), "{near}");
    }
}
