//! What a policy is about: models, providers, or everything (spec: data-plane 10.3).

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::fault::Faults;

/// Names in one list.
const MAX_NAMES: usize = 100;
/// Bytes of a name.
const MAX_BYTES: usize = 256;

/// Models and providers. Lists are sets: neither order nor repetition matters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resource {
    /// Patterns of `author/model`; `*` stands for any text without `/`. `None` means every model.
    models: Option<BTreeSet<String>>,
    /// Exact slugs. `None` means every provider.
    providers: Option<BTreeSet<String>>,
}

/// What a call asks for.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Slug of the provider.
    pub provider: &'a str,
    /// Name of the model; one without an author is taken for the provider's own.
    pub model: &'a str,
}

impl Target<'_> {
    /// The model with its author; one without is taken for the provider's own.
    pub fn full_name(&self) -> String {
        match self.model.contains('/') {
            true => self.model.to_owned(),
            false => format!("{}/{}", self.provider, self.model),
        }
    }

    /// Whether its name, with or without the author, fits a pattern in which `*` stands for any text
    /// without `/`.
    pub fn fits(&self, pattern: &str) -> bool {
        fits(pattern, self.model) || fits(pattern, &self.full_name())
    }
}

impl Resource {
    /// Everything.
    pub const EVERYTHING: Self = Self { models: None, providers: None };

    pub(super) fn read(value: &Value, faults: &mut Faults) -> Option<Self> {
        let fields = match value {
            Value::String(all) if all == "*" => return Some(Self::EVERYTHING),
            Value::Object(fields) if !fields.is_empty() => fields,
            _ => {
                faults.refuse("must be \"*\", or an object with model, provider or both");
                return None;
            }
        };
        let mut resource = Self::EVERYTHING;
        let mut sound = true;
        for (name, value) in fields {
            sound &= faults.within(name, |faults| {
                let names = match name.as_str() {
                    "model" => &mut resource.models,
                    "provider" => &mut resource.providers,
                    _ => {
                        faults.refuse("is unknown; known are model and provider");
                        return false;
                    }
                };
                *names = read_names(value);
                if names.is_none() {
                    faults
                        .refuse(format_args!("must be a name or a list of 1 to {MAX_NAMES} names"));
                }
                names.is_some()
            });
        }
        sound.then_some(resource)
    }

    /// Whether a call is about this.
    pub fn covers(&self, target: Target<'_>) -> bool {
        let provider = |names: &BTreeSet<String>| names.contains(target.provider);
        let model = |names: &BTreeSet<String>| names.iter().any(|pattern| target.fits(pattern));
        self.providers.as_ref().is_none_or(provider) && self.models.as_ref().is_none_or(model)
    }
}

fn read_names(value: &Value) -> Option<BTreeSet<String>> {
    let name = |value: &Value| {
        let name = value.as_str().filter(|name| (1..=MAX_BYTES).contains(&name.len()))?;
        Some(name.to_owned())
    };
    match value {
        Value::Array(names) if (1..=MAX_NAMES).contains(&names.len()) => {
            names.iter().map(name).collect()
        }
        Value::Array(_) => None,
        single => name(single).map(|name| [name].into()),
    }
}

/// Whether a name fits a pattern, segment by segment.
fn fits(pattern: &str, name: &str) -> bool {
    let (mut patterns, mut segments) = (pattern.split('/'), name.split('/'));
    loop {
        match (patterns.next(), segments.next()) {
            (None, None) => return true,
            (Some(pattern), Some(segment)) if segment_fits(pattern, segment) => {}
            _ => return false,
        }
    }
}

/// Takes the first place for each piece between the stars, which is as good as any other.
fn segment_fits(pattern: &str, segment: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == segment };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(mut left) = segment.strip_prefix(first).and_then(|left| left.strip_suffix(last))
    else {
        return false;
    };
    for piece in middle.split('*') {
        match left.find(piece) {
            Some(place) => left = &left[place + piece.len()..],
            None => return false,
        }
    }
    true
}

/// `*`, or `model=a,b;provider=c`: the same text for the same resource.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(",");
        match (self.models.as_ref().map(list), self.providers.as_ref().map(list)) {
            (None, None) => f.write_str("*"),
            (Some(models), None) => write!(f, "model={models}"),
            (None, Some(providers)) => write!(f, "provider={providers}"),
            (Some(models), Some(providers)) => write!(f, "model={models};provider={providers}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::fault::Fault;

    fn read(value: &Value) -> Result<Resource, Vec<Fault>> {
        let mut faults = Faults::new("resource");
        let resource = Resource::read(value, &mut faults);
        faults.into_result(resource)
    }

    fn covers(value: &Value, provider: &str, model: &str) -> bool {
        read(value).unwrap().covers(Target { provider, model })
    }

    #[test]
    fn stars_stay_between_slashes() {
        let cases = [
            ("openai/gpt-*", "openai/gpt-4o", true),
            ("openai/gpt-*", "openai/o1", false),
            ("openai/*", "openai/a/b", false),
            ("*", "openai/gpt-4o", false),
            ("*", "gpt-4o", true),
            ("*/gpt-4o", "gpt-4o", true),
            ("openai/gpt-4o", "gpt-4o", true),
            ("gpt-4o", "gpt-4o", true),
            ("gpt-4o", "openai/gpt-4o", false),
            ("openai/*4*mini*", "openai/gpt-4o-mini", true),
            ("openai/*4*4*", "openai/gpt-4o", false),
            ("openai/a*a", "openai/a", false),
        ];
        for (pattern, model, expected) in cases {
            assert_eq!(
                covers(&json!({ "model": pattern }), "openai", model),
                expected,
                "{pattern}"
            );
        }
    }

    #[test]
    fn both_parts_must_fit_and_one_of_each_list() {
        let resource = json!({"model": ["openai/a", "groq/*"], "provider": ["groq", "azure"]});
        assert!(covers(&resource, "groq", "groq/x"));
        assert!(covers(&resource, "azure", "openai/a"));
        assert!(!covers(&resource, "openai", "openai/a"));
        assert!(!covers(&json!({"provider": "gro*"}), "groq", "x"));
        assert!(covers(&json!("*"), "anything", "at/all"));
    }

    #[test]
    fn the_name_of_a_resource_is_one_for_all_spellings() {
        let a = read(&json!({"provider": "groq", "model": ["b", "a", "b"]})).unwrap();
        let b = read(&json!({"model": ["a", "b"], "provider": ["groq"]})).unwrap();
        assert_eq!(a, b);
        assert_eq!(a.to_string(), "model=a,b;provider=groq");
        assert_eq!(read(&json!("*")).unwrap().to_string(), "*");
    }

    #[test]
    fn other_forms_are_refused() {
        for bad in [
            json!("openai"),
            json!({}),
            json!(null),
            json!([]),
            json!({"models": "a"}),
            json!({"model": []}),
            json!({"model": ""}),
            json!({"model": [1]}),
            json!({"model": vec!["a"; 101]}),
            json!({"model": "a", "provider": {}}),
        ] {
            assert_eq!(read(&bad).unwrap_err().len(), 1, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn stars_mean_what_the_plain_definition_says(pattern in "[ab*]{0,8}", name in "[ab]{0,8}") {
            fn plain(pattern: &[u8], name: &[u8]) -> bool {
                match pattern.split_first() {
                    None => name.is_empty(),
                    Some((b'*', rest)) => (0..=name.len()).any(|at| plain(rest, &name[at..])),
                    Some((byte, rest)) => name.first() == Some(byte) && plain(rest, &name[1..]),
                }
            }
            prop_assert_eq!(segment_fits(&pattern, &name), plain(pattern.as_bytes(), name.as_bytes()));
        }
    }
}
