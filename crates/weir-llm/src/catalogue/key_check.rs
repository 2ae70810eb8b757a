//! Calls that tell whether a provider takes a key, and cost next to nothing.

use super::Provider;

/// Slugs, and the path after the slug of a `GET` that needs a key. Where a provider lists its models
/// to everybody, another call stands here.
const CHECKS: &[(&str, &str)] = &[
    ("alibaba", "compatible-mode/v1/models"),
    ("anthropic", "v1/models?limit=1"),
    ("cerebras", "v1/models"),
    ("cohere", "v1/models?page_size=1"),
    ("deepgram", "v1/projects"),
    ("deepseek", "models"),
    ("elevenlabs", "v1/user"),
    ("fireworks", "v1/models"),
    ("google-ai-studio", "v1beta/models?pageSize=1"),
    ("grok", "v1/models"),
    ("groq", "v1/models"),
    ("mistral", "v1/models"),
    ("openai", "v1/models"),
    ("openrouter", "v1/key"),
    ("replicate", "v1/account"),
];

/// Header and value that a provider wants on every call.
const ALWAYS: &[(&str, &str, &str)] = &[("anthropic", "anthropic-version", "2023-06-01")];

impl Provider {
    /// Path after the slug of a `GET` that tells whether a key is good; none where none is known.
    pub fn key_check(&self) -> Option<&'static str> {
        CHECKS.iter().find(|(slug, _)| *slug == self.slug).map(|(_, path)| *path)
    }

    /// Headers beside the key that such a call needs.
    pub fn key_check_headers(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let own = ALWAYS.iter().filter(|(slug, ..)| *slug == self.slug);
        own.map(|(_, name, value)| (*name, *value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{RouteContext, find};

    #[test]
    fn every_check_leads_somewhere() {
        for (slug, path) in CHECKS {
            let row = find(slug).unwrap();
            assert!(row.route(path, &RouteContext::default()).is_ok(), "{slug}");
            assert_eq!(row.key_check(), Some(*path));
        }
        assert_eq!(find("azure-openai").unwrap().key_check(), None);
    }
}
