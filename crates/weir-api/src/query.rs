//! Query parameters, read strictly: what cannot be honoured is refused, never bent
//! (spec: management-api 1.3).

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use http::Uri;
use http::request::Parts;
use serde::Serialize;
use serde_json::Value;

use crate::envelope::{self, PageInfo};
use crate::error::ApiError;
use crate::operation::Param;
use crate::schema::{Presence, Refusal, Schema};

/// The pairs of a query, decoded and in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Takes a query apart.
    pub(crate) fn read(uri: &Uri) -> Result<Self, ApiError> {
        Query::try_from_uri(uri)
            .map(|Query(pairs)| Self(pairs))
            .map_err(|error| ApiError::input(&["query"], error.to_string()))
    }

    /// Holds the parameters against what the route declares. A declared parameter may stand once,
    /// unless it is a list; an empty one counts as not given.
    pub(crate) fn check(&self, declared: &[Param]) -> Result<(), ApiError> {
        let mut refusals = Vec::new();
        for param in declared {
            let values: Vec<&str> = self.all(param.name).collect();
            let refuse = |message: String| Refusal {
                path: vec!["query".to_owned(), param.name.to_owned()],
                message,
            };
            let is_given = values.iter().any(|text| !text.is_empty());
            if !is_given && param.presence == Presence::Required {
                refusals.push(refuse(format!("{} is required", param.name)));
            }
            let item = match param.schema {
                Schema::Array { items, .. } => items,
                ref single => {
                    if values.len() > 1 {
                        refusals.push(refuse(format!("{} is given more than once", param.name)));
                        continue;
                    }
                    single
                }
            };
            for text in values.into_iter().filter(|text| !text.is_empty()) {
                let found = item.check(&as_json(text, item), param.name).refusals;
                refusals.extend(found.into_iter().map(|refusal| refuse(refusal.message)));
            }
        }
        if refusals.is_empty() { Ok(()) } else { Err(ApiError::Input(refusals)) }
    }

    /// A parameter that was checked to stand once at most. An empty one counts as not given.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next().filter(|value| !value.is_empty())
    }

    /// A parameter that was checked to be a flag.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name)?.parse().ok()
    }

    /// All values of a parameter, in their order.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All pairs, in their order.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

/// The text of a parameter as the value its schema expects; text that is none stays text, which
/// the schema then refuses.
fn as_json(text: &str, schema: &Schema) -> Value {
    match schema {
        Schema::Integer { .. } | Schema::Number { .. } | Schema::Bool => {
            serde_json::from_str(text).unwrap_or_else(|_| text.into())
        }
        _ => text.into(),
    }
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;

    /// The parameters that the gate before the route has checked.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// Which page of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    page: u64,
    per_page: u32,
}

impl Paging {
    /// Rows in a page when the caller does not say.
    const PER_PAGE: u32 = 20;

    /// The page of a route that declares [`crate::operation::PAGE`] and
    /// [`crate::operation::per_page`].
    pub(crate) fn read(params: &Params) -> Self {
        Self::read_or(params, Self::PER_PAGE)
    }

    /// The same for a list whose pages have `per_page` rows when the caller does not say.
    pub(crate) fn read_or(params: &Params, per_page: u32) -> Self {
        let page = params.get("page").and_then(|text| text.parse().ok());
        let asked = params.get("per_page").and_then(|text| text.parse().ok());
        Self { page: page.unwrap_or(1), per_page: asked.unwrap_or(per_page) }
    }

    /// The answer with this page of `rows`, each shown by `view`.
    pub(crate) fn answer<T, V: Serialize>(
        self,
        rows: &[T],
        view: impl Fn(&T) -> V,
    ) -> axum::response::Response {
        let page: Vec<V> = self.cut(rows).iter().map(view).collect();
        envelope::list(&page, self.info(page.len(), rows.len() as u64))
    }

    /// This page of `rows`.
    pub(crate) fn cut<T>(self, rows: &[T]) -> &[T] {
        let start = usize::try_from(self.offset()).unwrap_or(usize::MAX).min(rows.len());
        let end = start.saturating_add(self.per_page as usize).min(rows.len());
        &rows[start..end]
    }

    /// Number of the page, from 1.
    pub(crate) const fn page(self) -> u64 {
        self.page
    }

    /// Rows before this page. At most `i64::MAX`, the most that every store can count; no list is
    /// that long, so a page beyond stays what it is: empty.
    pub(crate) fn offset(self) -> u64 {
        (self.page - 1).saturating_mul(u64::from(self.per_page)).min(i64::MAX.unsigned_abs())
    }

    /// Rows of this page at most.
    pub(crate) const fn limit(self) -> u32 {
        self.per_page
    }

    /// `result_info` of a page with `count` rows, of `total_count` in all.
    pub(crate) fn info(self, count: usize, total_count: u64) -> PageInfo {
        let total_pages = total_count.div_ceil(u64::from(self.per_page));
        PageInfo { page: self.page, per_page: self.per_page, count, total_count, total_pages }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{PAGE, per_page};

    fn params(query: &str) -> Params {
        Params::read(&format!("/?{query}").parse().unwrap()).unwrap()
    }

    const LIST: [Param; 3] = [
        PAGE,
        per_page(1, 50),
        Param::optional("scopes", Schema::list(&Schema::Choice(&["a", "b"])), ""),
    ];

    #[test]
    fn bounds_are_kept_and_nothing_is_clamped() {
        assert_eq!(Paging::read(&params("")), Paging { page: 1, per_page: 20 });
        let last = Paging::read(&params("page=3&per_page=50"));
        assert_eq!((last.offset(), last.limit()), (100, 50));
        for bad in [
            "page=0",
            "page=-1",
            "page=x",
            "per_page=0",
            "per_page=51",
            "page=1&page=2",
            "scopes=c",
        ] {
            assert!(params(bad).check(&LIST).is_err(), "{bad}");
        }
        for good in ["", "page=", "page=1&more=x", "scopes=a&scopes=b"] {
            assert!(params(good).check(&LIST).is_ok(), "{good}");
        }
    }

    #[test]
    fn the_farthest_page_is_still_a_number_every_store_can_count() {
        let far = Paging::read(&params("page=9223372036854775807&per_page=50"));
        assert_eq!(far.offset(), i64::MAX.unsigned_abs());
        assert!(far.cut(&[1, 2, 3]).is_empty());
    }
}
