//! Pages of the lists that stand in `data` (spec: management-api 1.1, 8).

use axum::response::Response;
use serde::Serialize;

use crate::envelope;
use crate::query::{Paging, Params};

/// Which page is asked for, in which order.
pub(super) struct Order {
    by: String,
    ascending: bool,
    paging: Paging,
}

/// Rows under their name.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Rows<V> {
    Routes(Vec<V>),
    Versions(Vec<V>),
    Deployments(Vec<V>),
}

#[derive(Serialize)]
struct Beside<'a, V> {
    data: Page<'a, V>,
}

#[derive(Serialize)]
struct Page<'a, V> {
    #[serde(flatten)]
    rows: Rows<V>,
    page: u64,
    per_page: u32,
    order_by: &'a str,
    order_by_direction: &'a str,
}

impl Order {
    /// Newest first, if the caller does not say.
    pub(super) fn read(params: &Params) -> Self {
        Self {
            by: params.get("order_by").unwrap_or("created_at").to_owned(),
            ascending: params.get("order_by_direction") == Some("asc"),
            paging: Paging::read(params),
        }
    }

    /// Name of the field to sort by.
    pub(super) fn by(&self) -> &str {
        &self.by
    }

    /// The answer with this page of `rows`, which come in ascending order.
    pub(super) fn answer<T: Copy, V: Serialize>(
        &self,
        mut rows: Vec<T>,
        view: impl Fn(T) -> V,
        name: fn(Vec<V>) -> Rows<V>,
    ) -> Response {
        if !self.ascending {
            rows.reverse();
        }
        let rows = self.paging.cut(&rows).iter().copied().map(view).collect();
        let data = Page {
            rows: name(rows),
            page: self.paging.page(),
            per_page: self.paging.limit(),
            order_by: &self.by,
            order_by_direction: if self.ascending { "asc" } else { "desc" },
        };
        envelope::beside(&Beside { data })
    }
}
