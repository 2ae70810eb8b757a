//! Query parameters, read strictly: what cannot be honoured is refused, never bent
//! (spec: management-api 1.3).

use axum::extract::{FromRequestParts, Query};
use http::request::Parts;

use crate::envelope::PageInfo;
use crate::error::ApiError;

/// The pairs of a query, decoded and in their order.
#[derive(Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// A parameter that may stand once.
    pub(crate) fn get(&self, name: &'static str) -> Result<Option<&str>, ApiError> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        let first = values.next();
        if values.next().is_some() {
            return Err(ApiError::query(name, format!("{name} is given more than once")));
        }
        Ok(first.map(String::as_str))
    }

    /// The names given, repetitions included.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Query::try_from_uri(&parts.uri).map(|Query(pairs)| Self(pairs)).map_err(|error| {
            ApiError::Input { path: ["query", ""], message: error.to_string().into() }
        })
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

    /// Reads `page` and `per_page`; the latter may be `max_per_page` at most.
    pub(crate) fn read(params: &Params, max_per_page: u32) -> Result<Self, ApiError> {
        let page = match params.get("page")? {
            None => 1,
            Some(text) => text.parse().ok().filter(|page| *page >= 1).ok_or_else(|| {
                ApiError::query("page", "page must be a whole number of at least 1")
            })?,
        };
        let per_page = match params.get("per_page")? {
            None => Self::PER_PAGE,
            Some(text) => text
                .parse()
                .ok()
                .filter(|rows| (1..=max_per_page).contains(rows))
                .ok_or_else(|| {
                    let text = format!("per_page must be a whole number from 1 to {max_per_page}");
                    ApiError::query("per_page", text)
                })?,
        };
        Ok(Self { page, per_page })
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

    fn params(query: &str) -> Params {
        let uri = format!("/?{query}").parse().unwrap();
        Query::try_from_uri(&uri).map(|Query(pairs)| Params(pairs)).unwrap()
    }

    #[test]
    fn bounds_are_kept_and_nothing_is_clamped() {
        assert_eq!(Paging::read(&params(""), 50).unwrap(), Paging { page: 1, per_page: 20 });
        let last = Paging::read(&params("page=3&per_page=50"), 50).unwrap();
        assert_eq!((last.offset(), last.limit()), (100, 50));
        for bad in
            ["page=0", "page=-1", "page=x", "page=", "per_page=0", "per_page=51", "page=1&page=2"]
        {
            assert!(Paging::read(&params(bad), 50).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_farthest_page_is_still_a_number_every_store_can_count() {
        let far = Paging::read(&params("page=18446744073709551615"), 50).unwrap();
        assert_eq!(far.offset(), i64::MAX.unsigned_abs());
    }
}
