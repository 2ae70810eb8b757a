//! A custom provider's fields and their bounds (spec: management-api 7).

use serde::Deserialize;
use weir_core::CustomProvider;

use super::headers;
use crate::body::given;
use crate::error::ApiError;
use crate::schema::{Field, Form, Schema};

const NAME: Schema = Schema::text(1, 255);
const SLUG: Schema = Schema::Text {
    min: 1,
    max: 64,
    form: Form::Checked { pattern: "^[a-z0-9]+(?:-[a-z0-9]+)*$", check: check_slug },
};
const BASE_URL: Schema = Schema::Text { min: 1, max: 2048, form: Form::Uri };
const PROSE: Schema = Schema::Nullable(&Schema::text(0, 16_384));

const NAME_ABOUT: &str = "Name for people.";
const SLUG_ABOUT: &str = "Clients call the provider custom-{slug}; unique in the account.";
const URL_ABOUT: &str = "https://host/prefix; the rest of a call's path is put behind it.";

macro_rules! fields {
    ($($first:expr,)*) => {
        &[
            $($first,)*
            Field::optional("enable", Schema::Bool, "False by default, which refuses its traffic."),
            Field::optional("beta", Schema::Bool, "Marked as unfinished, for people."),
            Field::optional("headers", Schema::Nullable(&Schema::text(0, 8192)),
                "A JSON object as a string: headers to send on every call. Values are shown masked; \
                 a mask sent back means: as it is."),
            Field::optional("position", Schema::Nullable(&Schema::integer(-1_000_000, 1_000_000)),
                "Place in lists, smallest first; 0 by default."),
            Field::optional("description", PROSE, ""),
            Field::optional("link", PROSE, "Where to read more."),
            Field::optional("logo", PROSE, "Address of a picture."),
            Field::optional("curl_example", PROSE, ""),
            Field::optional("js_example", PROSE, ""),
            Field::read_only("id", Schema::TEXT, "A UUID."),
            Field::read_only("created_at", Schema::TIME, ""),
            Field::read_only("modified_at", Schema::TIME, ""),
        ]
    };
}

/// Body of a creation.
pub(super) const CREATE: Schema = Schema::Object(fields![
    Field::required("name", NAME, NAME_ABOUT),
    Field::required("slug", SLUG, SLUG_ABOUT),
    Field::required("base_url", BASE_URL, URL_ABOUT),
]);
/// Body of a change.
pub(super) const EDIT: Schema = Schema::Object(fields![
    Field::optional("name", NAME, NAME_ABOUT),
    Field::optional("slug", SLUG, SLUG_ABOUT),
    Field::optional("base_url", BASE_URL, URL_ABOUT),
]);
/// A provider in an answer.
pub(super) const PROVIDER: Schema = CREATE;

/// The pattern of the published schema.
fn check_slug(text: &str) -> Result<(), &'static str> {
    if !text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-')) {
        return Err("may hold only a-z, 0-9 and '-'");
    }
    if text.starts_with('-') || text.ends_with('-') || text.contains("--") {
        return Err("may not begin or end with '-', nor hold two in a row");
    }
    Ok(())
}

/// A checked body. The outer `Option` is `None` for a field that was left out.
#[derive(Debug, Deserialize)]
pub(super) struct Body {
    name: Option<String>,
    slug: Option<String>,
    base_url: Option<String>,
    enable: Option<bool>,
    beta: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    headers: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    position: Option<Option<i64>>,
    #[serde(default, deserialize_with = "given")]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    link: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    logo: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    curl_example: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    js_example: Option<Option<String>>,
}

impl Body {
    /// Puts what was given in the place of what is there.
    pub(super) fn apply_to(&self, provider: &mut CustomProvider) -> Result<(), ApiError> {
        fn set<T: Clone>(field: &mut T, given: Option<&T>) {
            if let Some(given) = given {
                given.clone_into(field);
            }
        }
        set(&mut provider.name, self.name.as_ref());
        set(&mut provider.slug, self.slug.as_ref());
        set(&mut provider.base_url, self.base_url.as_ref());
        set(&mut provider.enable, self.enable.as_ref());
        set(&mut provider.beta, self.beta.as_ref());
        set(&mut provider.position, self.position.map(Option::unwrap_or_default).as_ref());
        set(&mut provider.description, self.description.as_ref());
        set(&mut provider.link, self.link.as_ref());
        set(&mut provider.logo, self.logo.as_ref());
        set(&mut provider.curl_example, self.curl_example.as_ref());
        set(&mut provider.js_example, self.js_example.as_ref());
        if let Some(text) = &self.headers {
            provider.headers = match text {
                Some(text) => headers::read(text, &provider.headers)?,
                None => Default::default(),
            };
        }
        Ok(())
    }

    /// Headers may hold credentials. When the provider moves to another host, they go along only if
    /// they are sent anew, in clear.
    pub(super) fn refuse_moved_headers(&self, present: &CustomProvider) -> Result<(), ApiError> {
        let is_anew = match &self.headers {
            None => present.headers.is_empty(),
            Some(text) => text.as_ref().is_none_or(|text| !headers::holds_mask(text)),
        };
        if is_anew {
            return Ok(());
        }
        let text = "base_url moves to another host: send headers again, unmasked, or null to drop \
                    them, so that no credential goes where it was not meant for";
        Err(ApiError::body("headers", text))
    }
}
