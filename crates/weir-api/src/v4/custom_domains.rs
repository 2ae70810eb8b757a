//! Custom domains: hosts under which a gateway answers by itself (spec: data-plane 1.8).
//!
//! Nobody here asks the domain's DNS for a proof: whoever may write is the operator, and points the
//! host at this server. A domain begins as `pending_dcv`, in which it answers 404, and is `active`
//! as soon as a caller says so.

mod form;

use std::cmp::Reverse;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use http::{HeaderMap, Uri};
use serde_json::{Map, Value};
use uuid::Uuid;
use weir_core::access::{CustomDomain, DomainStatus, Issuer};
use weir_core::config::Configuration;
use weir_core::{AccountId, Gateway, Permission, Timestamp};

use self::form::{CHANGE, DOMAIN, INPUT, View};
use super::edit::{self, Edited, LeftOut, edited};
use super::gateways::base_of;
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, Param, per_page, search};
use crate::path::Segments;
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::Schema;
use crate::{Api, envelope};

const LIST: Operation = Operation {
    id: "listCustomDomains",
    summary: "List custom domains, newest first",
    query: &[
        PAGE,
        per_page(1, 100),
        Param::optional("gateway_id", Schema::TEXT, "Only those of this gateway."),
        search("Part of the hostname."),
    ],
    body: None,
    answer: Answer::List(DOMAIN),
};
const GET: Operation = Operation {
    id: "getCustomDomain",
    summary: "Show a custom domain",
    query: &[],
    body: None,
    answer: Answer::Result(DOMAIN),
};
const POST: Operation = Operation {
    id: "createCustomDomain",
    summary: "Let a gateway answer at a host; it does when its status is active",
    body: Some(INPUT),
    ..GET
};
const PUT: Operation = Operation {
    id: "replaceCustomDomain",
    summary: "Replace a custom domain; its hostname stays",
    body: Some(INPUT),
    ..GET
};
const PATCH: Operation = Operation {
    id: "changeCustomDomain",
    summary: "Change a custom domain; what is left out keeps its value, null clears",
    body: Some(CHANGE),
    ..GET
};
const DELETE: Operation =
    Operation { id: "deleteCustomDomain", summary: "Delete a custom domain", ..GET };

pub(crate) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/custom-domains";
    const ONE: &str = "/accounts/{account_id}/ai-gateway/custom-domains/{domain_id}";
    table
        .route(MethodFilter::GET, ALL, Permission::Read, &LIST, list)
        .route(MethodFilter::POST, ALL, Permission::Write, &POST, create)
        .route(MethodFilter::GET, ONE, Permission::Read, &GET, get)
        .route(MethodFilter::PUT, ONE, Permission::Write, &PUT, replace)
        .route(MethodFilter::PATCH, ONE, Permission::Write, &PATCH, change)
        .route(MethodFilter::DELETE, ONE, Permission::Write, &DELETE, delete)
}

/// `GET /custom-domains`.
async fn list(caller: Caller, params: Params) -> Response {
    let search = params.get("search").unwrap_or_default();
    let gateway = params.get("gateway_id");
    let mut matching: Vec<&Arc<CustomDomain>> = caller
        .configuration()
        .of::<CustomDomain>(caller.account())
        .filter(|domain| gateway.is_none_or(|id| domain.gateway_id.as_str() == id))
        .filter(|domain| domain.hostname.contains(search))
        .collect();
    matching.sort_unstable_by_key(|domain| (Reverse(domain.created_at), &domain.id));
    Paging::read(&params).answer(&matching, |domain| View::of(domain))
}

/// `GET /custom-domains/{domain_id}`.
async fn get(caller: Caller, segments: Segments) -> Result<Response, ApiError> {
    let domain = edit::of_path::<CustomDomain>(&caller, &segments)?;
    Ok(envelope::object(&View::of(domain)))
}

/// `POST /custom-domains`.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    headers: HeaderMap,
    body: Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    let blank = blank(caller.account());
    let domain: CustomDomain = edited(&blank, &INPUT, &body.value, LeftOut::Default)?;
    refuse_own_host(&api, &headers, &domain.hostname)?;
    let domain = edit::create(&api, &caller, domain).await?;
    Ok(envelope::noted(&View::of(&domain), body.ignored))
}

/// `PUT /custom-domains/{domain_id}`.
async fn replace(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
    body: Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    let domain =
        edit::write::<CustomDomain>(&api, &caller, &segments, &body.value, LeftOut::Default)
            .await?;
    Ok(envelope::noted(&View::of(&domain), body.ignored))
}

/// `PATCH /custom-domains/{domain_id}`.
async fn change(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
    body: Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    let domain =
        edit::write::<CustomDomain>(&api, &caller, &segments, &body.value, LeftOut::Kept).await?;
    Ok(envelope::noted(&View::of(&domain), body.ignored))
}

/// `DELETE /custom-domains/{domain_id}`.
async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
) -> Result<Response, ApiError> {
    let gone = edit::delete::<CustomDomain>(&api, &caller, &segments).await?;
    Ok(envelope::object(&View::of(&gone)))
}

/// A domain with nothing in it that a caller chooses; all of that is overwritten.
fn blank(account: &AccountId) -> CustomDomain {
    let at = Timestamp::now();
    CustomDomain {
        id: Uuid::new_v4().to_string().into(),
        account_id: account.clone(),
        gateway_id: "".into(),
        hostname: String::new(),
        status: DomainStatus::default(),
        issuer_id: None,
        created_at: at,
        modified_at: at,
    }
}

/// Refuses the hosts at which every account is served: a domain there would take them all over.
fn refuse_own_host(api: &Api, headers: &HeaderMap, hostname: &str) -> Result<(), ApiError> {
    let asked = base_of(headers);
    let own = [api.options.public_url.as_deref(), Some(asked.as_str())];
    let is_own = own.into_iter().flatten().any(|url| {
        let uri = url.parse::<Uri>().ok();
        uri.and_then(|uri| uri.host().map(str::to_lowercase)).as_deref() == Some(hostname)
    });
    if is_own {
        let message = "hostname is the host of this server itself";
        return Err(ApiError::body("hostname", message));
    }
    Ok(())
}

impl Edited for CustomDomain {
    const NAME: &'static str = "custom domain";
    const SEGMENT: &'static str = "domain_id";
    const MOST: usize = 200;
    const INPUT: Schema = INPUT;
    const CHANGE: Schema = CHANGE;

    /// A hostname leads to one gateway, so it is looked for in every account; whose it is is not told.
    fn check(&self, _: &Api, now: &Configuration, before: Option<&Self>) -> Result<(), ApiError> {
        if before.is_some_and(|before| before.hostname != self.hostname) {
            let message = "hostname cannot be changed: make another domain";
            return Err(ApiError::body("hostname", message));
        }
        let mut others = now.custom_domains.iter().filter(|other| other.id != self.id);
        if others.any(|other| other.hostname == self.hostname) {
            let message = format!("hostname {} is taken already", self.hostname);
            return Err(ApiError::body("hostname", message));
        }
        if now.get::<Gateway>(&self.account_id, self.gateway_id.as_str()).is_none() {
            let message = format!("gateway {} was not found", self.gateway_id);
            return Err(ApiError::body("gateway_id", message));
        }
        if let Some(id) = &self.issuer_id {
            let Some(issuer) = now.get::<Issuer>(&self.account_id, id) else {
                return Err(ApiError::body("issuer_id", format!("issuer {id} was not found")));
            };
            let opens = issuer.gateways.as_ref().is_none_or(|ids| ids.contains(&self.gateway_id));
            if !opens {
                let message = format!("issuer {id} does not open gateway {}", self.gateway_id);
                return Err(ApiError::body("issuer_id", message));
            }
        }
        Ok(())
    }

    fn modified_at(&mut self) -> &mut Timestamp {
        &mut self.modified_at
    }
}
