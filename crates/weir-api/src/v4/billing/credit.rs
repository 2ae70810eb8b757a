//! Lines of the credit journal: reading them, and writing one.

use std::sync::Arc;

use http::HeaderMap;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use weir_core::AccountId;
use weir_core::audit::Action;
use weir_core::ledger::{CreditEntry, CreditKind, CreditPage, CreditQuery};

use super::money::cents;
use crate::Api;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::schema::{Field, Schema};
use crate::trail;

/// Lines read at once.
const PAGE: u32 = 1_000;
/// What buys credits.
pub(super) const BOUGHT: [CreditKind; 2] = [CreditKind::Grant, CreditKind::Automatic];

const TEXT_OR_NULL: Schema = Schema::Nullable(&Schema::TEXT);

/// A line in an answer.
pub(super) const LINE: Schema = Schema::Object(&[
    Field::required("id", Schema::TEXT, ""),
    Field::required("created_at", Schema::TIME, ""),
    Field::required("kind", KIND, ""),
    Field::required("amount", Schema::NUMBER, "Cents, with fractions; below zero for use."),
    Field::required("amount_usd", Schema::TEXT, "The same in dollars, exactly."),
    Field::required("fee", Schema::NUMBER, "Cents paid beside the amount."),
    Field::required("note", TEXT_OR_NULL, ""),
    Field::required(
        "usage",
        Schema::Nullable(&Schema::Object(&[
            Field::required("gateway_id", Schema::TEXT, ""),
            Field::required("provider", Schema::TEXT, ""),
            Field::required("model", Schema::TEXT, ""),
            Field::required("calls", Schema::COUNT, ""),
            Field::required("cost_usd", Schema::TEXT, "At the provider, before any markup."),
        ])),
        "What the credits were used for.",
    ),
]);
/// Why credits changed.
pub(super) const KIND: Schema = Schema::Choice(&["grant", "automatic", "adjustment", "usage"]);

/// The JSON of a line.
pub(super) fn view(line: &CreditEntry) -> Value {
    let usage = line.usage.as_ref().map(|usage| {
        json!({
            "gateway_id": usage.gateway,
            "provider": usage.provider,
            "model": usage.model,
            "calls": usage.calls,
            "cost_usd": usage.cost.to_string()
        })
    });
    json!({
        "id": line.id,
        "created_at": line.at,
        "kind": line.kind.label(),
        "amount": cents(line.amount),
        "amount_usd": line.amount.to_string(),
        "fee": cents(line.fee),
        "note": line.note,
        "usage": usage
    })
}

/// All lines of some kinds, newest first.
pub(super) fn lines_of(account: &AccountId, kinds: &[CreditKind]) -> CreditQuery {
    CreditQuery {
        account: account.clone(),
        kinds: kinds.to_vec(),
        from: None,
        to: None,
        ascending: false,
        offset: 0,
        limit: PAGE,
    }
}

/// Every line of a query, page by page: for kinds that people make.
pub(super) async fn every(api: &Api, mut query: CreditQuery) -> Result<Vec<CreditEntry>, ApiError> {
    let mut lines = Vec::new();
    loop {
        let CreditPage { entries, total } = api.ledger.journal(&query).await?;
        let read = entries.len() as u64;
        lines.extend(entries);
        query.offset += read;
        if read == 0 || query.offset >= total {
            return Ok(lines);
        }
    }
}

/// Whether credits were ever bought.
pub(super) async fn has_bought(api: &Api, account: &AccountId) -> Result<bool, ApiError> {
    let query = CreditQuery { limit: 1, ..lines_of(account, &BOUGHT) };
    Ok(api.ledger.journal(&query).await?.total > 0)
}

/// What the automatic rule did last.
pub(super) async fn last_automatic(
    api: &Api,
    account: &AccountId,
) -> Result<Option<CreditEntry>, ApiError> {
    let query = CreditQuery { limit: 1, ..lines_of(account, &[CreditKind::Automatic]) };
    Ok(api.ledger.journal(&query).await?.entries.into_iter().next())
}

/// The line of an id that people made, among lines of some kinds.
pub(super) async fn find(
    api: &Api,
    account: &AccountId,
    kinds: &[CreditKind],
    id: &str,
) -> Result<Option<CreditEntry>, ApiError> {
    let lines = every(api, lines_of(account, kinds)).await?;
    Ok(lines.into_iter().find(|line| *line.id == *id))
}

/// An id for a new line. Clients repeat calls whose answer got lost; with an `Idempotency-Key` the
/// repetition has the id of the first, and the journal takes an id once.
pub(super) fn new_id(prefix: &str, account: &AccountId, headers: &HeaderMap) -> Arc<str> {
    let Some(key) = headers.get("idempotency-key") else {
        return format!("{prefix}_{}", Uuid::new_v4().simple()).into();
    };
    let digest = Sha256::new()
        .chain_update(account.as_str())
        .chain_update([0])
        .chain_update(prefix)
        .chain_update([0])
        .chain_update(key.as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    format!("{prefix}_{}", uuid::Builder::from_custom_bytes(bytes).into_uuid().simple()).into()
}

/// Writes a line, on record as the caller's; gives the line that is there. A repetition gives the
/// first one.
///
/// # Errors
/// A key for idempotency that was used for another amount.
pub(super) async fn write(
    api: &Arc<Api>,
    caller: Caller,
    line: CreditEntry,
) -> Result<CreditEntry, ApiError> {
    if let Some(first) = find(api, &line.account, &[line.kind], &line.id).await? {
        if first.amount != line.amount {
            let message = "idempotency-key was used for another amount before";
            return Err(ApiError::input(&["header", "idempotency-key"], message));
        }
        return Ok(first);
    }
    trail::on_record(api, {
        let api = Arc::clone(api);
        async move {
            // Of two at once one is written; both say what is there.
            api.ledger.credit(line.clone()).await?;
            let what = ("credit", &*line.id);
            let record = trail::account_deed(&caller, Action::Credit, what, None, view(&line));
            Ok((line, record))
        }
    })
    .await
}
