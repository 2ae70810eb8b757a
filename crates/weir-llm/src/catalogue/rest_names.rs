//! Model names of the REST interface: `{author}/{model}`, with dots in versions and no dates (spec:
//! data-plane 1.6). Looked up exactly, as the original does.

use std::collections::HashMap;

use super::{Provider, all, find};
use crate::pricing::{PriceTable, names::without};

/// Names that models are sold under and that no provider knows, with what they stand for.
const SOLD_AS: &[(&str, &str, &str)] =
    &[("google/nano-banana", "google-ai-studio", "gemini-2.5-flash-image")];

/// The catalogue of the REST interface.
#[derive(Clone, Debug, Default)]
pub struct RestNames {
    models: HashMap<Box<str>, RestModel>,
}

/// A model of that catalogue.
#[derive(Clone, Debug)]
pub struct RestModel {
    /// Its provider.
    pub provider: &'static Provider,
    /// Its name there.
    pub model: Box<str>,
    /// What it does, in the word of the price table.
    pub kind: Box<str>,
}

impl RestNames {
    /// The models of price tables whose providers the REST interface serves.
    pub fn of<'a>(tables: impl IntoIterator<Item = &'a PriceTable>) -> Self {
        let mut models: HashMap<Box<str>, RestModel> = HashMap::new();
        for row in tables.into_iter().flat_map(PriceTable::models) {
            let Some(provider) = find(row.provider) else { continue };
            let Some(author) = provider.serves.author else { continue };
            let kind = row.price.kind().unwrap_or("chat");
            let entry = || RestModel { provider, model: row.model.into(), kind: kind.into() };
            let name = format!("{author}/{}", rest_form(author, row.model));
            // What has no other release than a preview is sold by the plain name.
            if let Some(plain) = name.strip_suffix("-preview") {
                models.entry(plain.into()).or_insert_with(entry);
            }
            let is_exact = name.len() == author.len() + 1 + row.model.len();
            // A model and its dated release have one name; it means the undated one.
            if is_exact || !models.contains_key(&*name) {
                models.insert(name.into(), entry());
            }
            if author != "anthropic" {
                models.entry(format!("{author}/{}", row.model).into()).or_insert_with(entry);
            }
        }
        for (name, slug, model) in SOLD_AS {
            let Some(provider) = find(slug) else { continue };
            let entry = RestModel { provider, model: (*model).into(), kind: "image".into() };
            models.entry((*name).into()).or_insert(entry);
        }
        Self { models }
    }

    /// The model of a name, exactly as written.
    pub fn find(&self, name: &str) -> Option<&RestModel> {
        self.models.get(name)
    }

    /// The name that was probably meant by an unknown one.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        let author = name.split('/').next().unwrap_or_default();
        let same = self.models.keys().map(|known| &**known);
        weir_core::text::nearest(name, same.filter(|known| known.starts_with(author)))
    }

    /// Every name, in order.
    pub fn names(&self) -> Vec<(&str, &RestModel)> {
        let mut names: Vec<_> = self.models.iter().map(|(name, model)| (&**name, model)).collect();
        names.sort_unstable_by_key(|(name, _)| *name);
        names
    }
}

/// Whether a name begins with an author of the catalogue: then it is looked up there and nowhere
/// else.
pub fn is_author(prefix: &str) -> bool {
    all().iter().any(|row| row.serves.author == Some(prefix))
}

/// A model's name without its date, and with a dot between the figures of a version where the
/// provider has a dash.
fn rest_form(author: &str, model: &str) -> String {
    let model = model.strip_suffix("-latest").unwrap_or(model);
    let undated = ["-dddddddd", "-dddd-dd-dd"].iter().find_map(|shape| without(model, shape));
    let model = undated.unwrap_or(model);
    if author != "anthropic" {
        return model.to_owned();
    }
    let bytes = model.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let dotted = bytes.iter().enumerate().map(|(at, byte)| {
        let between = *byte == b'-' && digit(at.checked_sub(1)) && digit(Some(at + 1));
        char::from(if between { b'.' } else { *byte })
    });
    dotted.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_dots_and_no_dates() {
        for (author, model, expected) in [
            ("anthropic", "claude-haiku-4-5", "claude-haiku-4.5"),
            ("anthropic", "claude-haiku-4-5-20251001", "claude-haiku-4.5"),
            ("anthropic", "claude-3-haiku-20240307", "claude-3-haiku"),
            ("openai", "gpt-4.1", "gpt-4.1"),
            ("openai", "gpt-4o-2024-08-06", "gpt-4o"),
            ("google", "gemini-3-flash", "gemini-3-flash"),
        ] {
            assert_eq!(rest_form(author, model), expected);
        }
    }

    #[test]
    fn names_are_looked_up_exactly() {
        let names = RestNames::of([PriceTable::builtin().as_ref()]);
        let found = names.find("anthropic/claude-sonnet-4.5").unwrap();
        assert_eq!((found.provider.slug, &*found.model), ("anthropic", "claude-sonnet-4-5"));
        assert!(names.find("anthropic/claude-sonnet-4-5").is_none());
        assert_eq!(
            names.nearest("anthropic/claude-sonnet-4-5"),
            Some("anthropic/claude-sonnet-4.5")
        );
        for (name, model) in [
            ("google/gemini-3-flash", "gemini-3-flash-preview"),
            ("google/gemini-3-flash-preview", "gemini-3-flash-preview"),
            ("openai/gpt-4.1", "gpt-4.1"),
        ] {
            assert_eq!(&*names.find(name).unwrap().model, model, "{name}");
        }
        assert_eq!(names.find("google/nano-banana").unwrap().kind.as_ref(), "image");
        assert!(is_author("xai") && !is_author("mistral"));
    }
}
