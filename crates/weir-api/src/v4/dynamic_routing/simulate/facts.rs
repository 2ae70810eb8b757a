//! The facts of a call that is made up, or that was logged.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};
use weir_core::log::Side;
use weir_core::route::{CallFacts, value_at};
use weir_core::{Gateway, LogId, Usage};

use super::CallForm;
use crate::Api;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::v4::logs;

/// What a route may ask for, and what is known beyond that.
#[derive(Default)]
pub(super) struct Facts {
    headers: BTreeMap<String, String>,
    metadata: Map<String, Value>,
    /// Null when there is none, or none that is JSON.
    pub(super) body: Value,
    /// What the logged call consumed.
    pub(super) usage: Option<Usage>,
    /// What could not be had of a logged call.
    pub(super) notes: Vec<&'static str>,
}

impl Facts {
    pub(super) fn of_request(request: CallForm) -> Self {
        let CallForm { headers, metadata, body } = request;
        let headers = headers.into_iter().map(|(name, value)| (name.to_lowercase(), value));
        Self { headers: headers.collect(), metadata, body, ..Self::default() }
    }

    /// Reads a row of the gateway. That its body was read goes on record.
    pub(super) async fn of_log(
        api: &Api,
        caller: &Caller,
        gateway: &Gateway,
        id: &str,
    ) -> Result<Self, ApiError> {
        let id: LogId = id.parse().map_err(|_| ApiError::NotFound("log not found".into()))?;
        let log = logs::fresh::find(api, gateway, id).await?;
        let metadata = log.record.metadata.as_deref();
        let metadata = metadata.and_then(|text| serde_json::from_str(text).ok());
        let mut notes = vec!["the log keeps no headers: tests of headers find none"];
        let mut body = None;
        if log.payload_stored {
            let (account, gateway_id) = (&gateway.account_id, &gateway.id);
            body = api.logs.body(account, gateway_id, id, Side::Request, None).await?;
        }
        if body.is_some() {
            logs::note_read(api, caller, gateway, id, "request");
        } else {
            notes.push("the log keeps no body of this call: tests of the body find nothing");
        }
        let parsed = body.as_deref().map(serde_json::from_slice);
        if let Some(Err(_)) = parsed {
            notes.push("the body of this call is no JSON: tests of the body find nothing");
        }
        Ok(Self {
            headers: BTreeMap::new(),
            metadata: metadata.unwrap_or_default(),
            body: parsed.and_then(Result::ok).unwrap_or_default(),
            usage: log.record.usage,
            notes,
        })
    }
}

impl CallFacts for Facts {
    fn metadata(&self, key: &str) -> Option<Cow<'_, Value>> {
        self.metadata.get(key).map(Cow::Borrowed)
    }

    fn body(&self, path: &[String]) -> Option<Cow<'_, Value>> {
        value_at(&self.body, path).map(Cow::Borrowed)
    }

    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.headers.get(name).map(|value| value.as_str().into())
    }
}
