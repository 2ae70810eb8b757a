//! A custom provider as the API shows it.

use serde::Serialize;
use weir_core::{CustomProvider, Timestamp};

use super::headers;

#[derive(Serialize)]
pub(super) struct View<'a> {
    id: &'a str,
    name: &'a str,
    slug: &'a str,
    base_url: &'a str,
    enable: bool,
    beta: bool,
    headers: Option<String>,
    position: i64,
    description: Option<&'a str>,
    link: Option<&'a str>,
    logo: Option<&'a str>,
    curl_example: Option<&'a str>,
    js_example: Option<&'a str>,
    created_at: Timestamp,
    modified_at: Timestamp,
}

impl<'a> View<'a> {
    pub(super) fn of(provider: &'a CustomProvider) -> Self {
        Self {
            id: &provider.id,
            name: &provider.name,
            slug: &provider.slug,
            base_url: &provider.base_url,
            enable: provider.enable,
            beta: provider.beta,
            headers: headers::show(&provider.headers),
            position: provider.position,
            description: provider.description.as_deref(),
            link: provider.link.as_deref(),
            logo: provider.logo.as_deref(),
            curl_example: provider.curl_example.as_deref(),
            js_example: provider.js_example.as_deref(),
            created_at: provider.created_at,
            modified_at: provider.modified_at,
        }
    }
}
