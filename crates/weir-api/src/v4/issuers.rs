//! Issuers of JSON web tokens whose users may call (spec: data-plane 2.7, observability 7.3).

mod form;

use std::cmp::Reverse;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde_json::{Map, Value};
use uuid::Uuid;
use weir_core::access::{ClaimNames, CustomDomain, Issuer};
use weir_core::config::Configuration;
use weir_core::{AccountId, Gateway, Permission, Timestamp};

use self::form::{CHANGE, INPUT, ISSUER, View};
use super::edit::{self, Edited, LeftOut, edited};
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, per_page, search};
use crate::path::Segments;
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::Schema;
use crate::{Api, envelope};

const LIST: Operation = Operation {
    id: "listIssuers",
    summary: "List issuers of JSON web tokens, newest first",
    query: &[PAGE, per_page(1, 100), search("Part of the name or the issuer, in any case.")],
    body: None,
    answer: Answer::List(ISSUER),
};
const GET: Operation = Operation {
    id: "getIssuer",
    summary: "Show an issuer",
    query: &[],
    body: None,
    answer: Answer::Result(ISSUER),
};
const POST: Operation = Operation {
    id: "createIssuer",
    summary: "Let the users of an issuer call",
    body: Some(INPUT),
    ..GET
};
const PUT: Operation =
    Operation { id: "replaceIssuer", summary: "Replace an issuer", body: Some(INPUT), ..GET };
const PATCH: Operation = Operation {
    id: "changeIssuer",
    summary: "Change an issuer; what is left out keeps its value, null clears",
    body: Some(CHANGE),
    ..GET
};
const DELETE: Operation = Operation {
    id: "deleteIssuer",
    summary: "Delete an issuer; its users are refused from now on",
    ..GET
};

pub(crate) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/issuers";
    const ONE: &str = "/accounts/{account_id}/ai-gateway/issuers/{issuer_id}";
    table
        .route(MethodFilter::GET, ALL, Permission::Read, &LIST, list)
        .route(MethodFilter::POST, ALL, Permission::Write, &POST, create)
        .route(MethodFilter::GET, ONE, Permission::Read, &GET, get)
        .route(MethodFilter::PUT, ONE, Permission::Write, &PUT, replace)
        .route(MethodFilter::PATCH, ONE, Permission::Write, &PATCH, change)
        .route(MethodFilter::DELETE, ONE, Permission::Write, &DELETE, delete)
}

/// `GET /issuers`.
async fn list(caller: Caller, params: Params) -> Response {
    let search = params.get("search").unwrap_or_default().to_lowercase();
    let mut matching: Vec<&Arc<Issuer>> = caller
        .configuration()
        .of::<Issuer>(caller.account())
        .filter(|it| [&it.name, &it.issuer].iter().any(|it| it.to_lowercase().contains(&search)))
        .collect();
    matching.sort_unstable_by_key(|issuer| (Reverse(issuer.created_at), &issuer.id));
    Paging::read(&params).answer(&matching, |issuer| View::of(issuer))
}

/// `GET /issuers/{issuer_id}`.
async fn get(caller: Caller, segments: Segments) -> Result<Response, ApiError> {
    let issuer = edit::of_path::<Issuer>(&caller, &segments)?;
    Ok(envelope::object(&View::of(issuer)))
}

/// `POST /issuers`.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    body: Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    let blank = blank(caller.account());
    let issuer = edited(&blank, &INPUT, &body.value, LeftOut::Default)?;
    let issuer = edit::create(&api, &caller, issuer).await?;
    Ok(envelope::noted(&View::of(&issuer), body.ignored))
}

/// `PUT /issuers/{issuer_id}`.
async fn replace(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
    body: Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    let issuer =
        edit::write::<Issuer>(&api, &caller, &segments, &body.value, LeftOut::Default).await?;
    Ok(envelope::noted(&View::of(&issuer), body.ignored))
}

/// `PATCH /issuers/{issuer_id}`.
async fn change(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
    body: Json<Map<String, Value>>,
) -> Result<Response, ApiError> {
    let issuer =
        edit::write::<Issuer>(&api, &caller, &segments, &body.value, LeftOut::Kept).await?;
    Ok(envelope::noted(&View::of(&issuer), body.ignored))
}

/// `DELETE /issuers/{issuer_id}`.
async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    segments: Segments,
) -> Result<Response, ApiError> {
    let gone = edit::delete::<Issuer>(&api, &caller, &segments).await?;
    Ok(envelope::object(&View::of(&gone)))
}

/// An issuer with nothing in it that a caller chooses; all of that is overwritten.
fn blank(account: &AccountId) -> Issuer {
    let at = Timestamp::now();
    Issuer {
        id: Uuid::new_v4().to_string().into(),
        account_id: account.clone(),
        name: String::new(),
        issuer: String::new(),
        audiences: Vec::new(),
        jwks_url: None,
        gateways: None,
        claims: ClaimNames::default(),
        required: [].into(),
        enabled: true,
        created_at: at,
        modified_at: at,
    }
}

impl Edited for Issuer {
    const NAME: &'static str = "issuer";
    const SEGMENT: &'static str = "issuer_id";
    const MOST: usize = 50;
    const INPUT: Schema = INPUT;
    const CHANGE: Schema = CHANGE;

    fn check(&self, api: &Api, now: &Configuration, _: Option<&Self>) -> Result<(), ApiError> {
        let faults = self.faults(api.options.allow_http_providers);
        if !faults.is_empty() {
            return Err(ApiError::faults(&["body"], faults));
        }
        for (place, id) in self.gateways.iter().flatten().enumerate() {
            if now.get::<Gateway>(&self.account_id, id.as_str()).is_none() {
                let path = ["body", "gateways", &place.to_string()];
                return Err(ApiError::input(&path, format!("gateway {id} was not found")));
            }
        }
        let mut others = now.of::<Self>(&self.account_id).filter(|other| other.id != self.id);
        if others.any(|other| other.name == self.name) {
            return Err(ApiError::body("name", format!("issuer {} already exists", self.name)));
        }
        Ok(())
    }

    fn check_deletion(&self, now: &Configuration) -> Result<(), ApiError> {
        let mut domains = now.of::<CustomDomain>(&self.account_id);
        if let Some(domain) = domains.find(|it| it.issuer_id.as_ref() == Some(&self.id)) {
            // Without it the domain would let nobody in, or anybody with a token.
            let message = format!(
                "custom domain {} asks for users of this issuer: change or delete it first",
                domain.hostname
            );
            return Err(ApiError::input(&["path", "issuer_id"], message));
        }
        Ok(())
    }

    fn modified_at(&mut self) -> &mut Timestamp {
        &mut self.modified_at
    }
}
