//! `GET /logs/export`: every row that matches, oldest first, as lines of JSON or of CSV
//! (spec: observability 1.5). Rows are read page by page while the client takes them, so the
//! answer may be of any length.

mod csv;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use weir_core::Timestamp;
use weir_core::store::{LogQuery, StoreError, StoredLog};

use super::row::ExportRow;
use super::walk::{self, Walk};
use super::{form, list_query};
use crate::Api;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::InGateway;
use crate::query::Params;

pub(super) const GET: Operation = Operation {
    id: "exportLogs",
    summary: "Every log row that matches, oldest first, without bodies",
    query: form::EXPORT_QUERY,
    body: None,
    answer: Answer::Raw,
};

/// Rows read at once.
const PAGE: u32 = 500;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Lines,
    Csv,
}

pub(super) async fn get(
    State(api): State<Arc<Api>>,
    InGateway(gateway): InGateway,
    params: Params,
) -> Result<Response, ApiError> {
    let format = if params.get("format") == Some("csv") { Format::Csv } else { Format::Lines };
    let mut query = LogQuery { limit: PAGE, ..list_query::rows(&params, &gateway)? };
    // What comes in meanwhile is left to the next export, so that this one has an end.
    query.filter.conditions.push(walk::until(Timestamp::now()));
    let (kind, file) = match format {
        Format::Lines => ("application/x-ndjson", "attachment; filename=\"logs.jsonl\""),
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"logs.csv\""),
    };
    // The first page is read here, so that a store that fails is an error and no broken answer.
    let mut export = Export { walk: Walk::new(api, query), format };
    let mut first = Vec::new();
    if format == Format::Csv {
        csv::head(&mut first);
    }
    export.page(&mut first).await?;
    let rest = stream::try_unfold(export, |mut export| async move {
        if export.walk.is_done() {
            return Ok(None);
        }
        let mut text = Vec::new();
        match export.page(&mut text).await {
            Ok(()) => Ok(Some((text, export))),
            Err(error) => {
                // The answer breaks off, which its reader sees.
                tracing::error!(%error, "an export of logs broke off");
                Err(error)
            }
        }
    });
    let first = stream::once(async move { Ok::<_, StoreError>(first) });
    let body = Body::from_stream(futures_util::StreamExt::chain(first, rest));
    let headers =
        [(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, file), (CACHE_CONTROL, "private, no-store")];
    Ok((headers, body).into_response())
}

/// An export under way.
struct Export {
    walk: Walk,
    format: Format,
}

impl Export {
    /// Writes the next page.
    async fn page(&mut self, text: &mut Vec<u8>) -> Result<(), StoreError> {
        for row in &self.walk.page().await?.0 {
            self.write(row, text);
        }
        Ok(())
    }

    fn write(&self, row: &StoredLog, text: &mut Vec<u8>) {
        // A row has no map with keys other than text, so it can always be written.
        let Ok(value) = serde_json::to_value(ExportRow::of(row)) else { return };
        match self.format {
            Format::Lines => {
                text.extend_from_slice(value.to_string().as_bytes());
                text.push(b'\n');
            }
            Format::Csv => csv::line(&value, text),
        }
    }
}
