//! The way that a call would go through a route. Nobody is called, nothing is drawn from a counter.

mod estimate;
mod facts;
mod form;
mod view;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::Deserialize;
use serde_json::{Map, Value};
use weir_core::route::{
    Element, Ending, ModelCall, RateGate, RateUnit, Route, RouteGraph, RouteVersion, Stop, Walk,
    gate_key,
};
use weir_core::{Permission, Timestamp};
use weir_llm::pricing::Market;

use self::estimate::Estimate;
use self::facts::Facts;
use self::form::{MAX_SEED, SIMULATED, SIMULATION};
use self::view::{Chances, ModelView, RateView, Simulation, Used};
use super::{find, versions};
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation};
use crate::path::{InGateway, Segments};
use crate::routes::Table;
use crate::{Api, envelope};

const POST: Operation = Operation {
    id: "simulateRoute",
    summary: "Say which way a call would go, why, and for how much; nobody is called, nothing counted",
    query: &[],
    body: Some(SIMULATED),
    answer: Answer::Result(SIMULATION),
};

/// The same under the word that the SDKs have for routes.
const ALIAS: Operation = Operation { id: "simulateRouting", ..POST };

pub(super) fn routes(table: Table) -> Table {
    const PATH: &str =
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/routes/{id}/simulate";
    const OTHER: &str =
        "/accounts/{account_id}/ai-gateway/gateways/{gateway_id}/routing/{id}/simulate";
    table.route(MethodFilter::POST, PATH, Permission::Read, &POST, simulate).route(
        MethodFilter::POST,
        OTHER,
        Permission::Read,
        &ALIAS,
        simulate,
    )
}

#[derive(Deserialize)]
struct Asked {
    request: Option<CallForm>,
    log_id: Option<String>,
    version_id: Option<String>,
    seed: Option<u64>,
    #[serde(default)]
    fail: Vec<String>,
}

/// A call to try out.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct CallForm {
    headers: std::collections::BTreeMap<String, String>,
    metadata: Map<String, Value>,
    body: Value,
}

/// `POST /routes/{id}/simulate`.
async fn simulate(
    State(api): State<Arc<Api>>,
    caller: Caller,
    InGateway(gateway): InGateway,
    segments: Segments,
    body: Json<Asked>,
) -> Result<Response, ApiError> {
    let Asked { request, log_id, version_id, seed, fail } = body.value;
    let route = find(caller.configuration(), &gateway, segments.get("id")?)?;
    let version = match &version_id {
        Some(id) => route.version(id),
        None => route.deployed(),
    };
    let version = version.ok_or_else(versions::not_found)?;
    let graph = RouteGraph::read_stored(&version.elements)
        .map_err(|faults| ApiError::faults(&["body", "version_id"], faults))?;
    refuse_unfailing(&graph, &fail)?;
    let facts = match (request, log_id) {
        (Some(request), None) => Facts::of_request(request),
        (None, Some(id)) => Facts::of_log(&api, &caller, &gateway, &id).await?,
        _ => return Err(ApiError::body("request", "give either request or log_id")),
    };
    let trial = Trial {
        api: &api,
        caller: &caller,
        route,
        version,
        estimate: Estimate::of(&facts),
        facts: &facts,
        fail: &fail,
        now: Timestamp::now(),
    };
    let seed = seed.unwrap_or_else(|| rand::random_range(0..=MAX_SEED));
    let simulation = trial.walk(Arc::new(graph), seed).await;
    Ok(envelope::noted(&simulation, body.ignored))
}

/// Refuses to let elements fail that are not there or cannot.
fn refuse_unfailing(graph: &RouteGraph, fail: &[String]) -> Result<(), ApiError> {
    for (place, id) in fail.iter().enumerate() {
        if !matches!(graph.get(id), Some(Element::Model(_) | Element::Rate(_))) {
            let message = format!("{id:?} is no model or rate element of this version");
            return Err(ApiError::input(&["body", "fail", &place.to_string()], message));
        }
    }
    Ok(())
}

/// Everything that a walk is tried with.
struct Trial<'a> {
    api: &'a Api,
    caller: &'a Caller,
    route: &'a Route,
    version: &'a RouteVersion,
    estimate: Estimate,
    facts: &'a Facts,
    fail: &'a [String],
    now: Timestamp,
}

impl<'a> Trial<'a> {
    async fn walk(&self, graph: Arc<RouteGraph>, seed: u64) -> Simulation<'_> {
        let mut random = StdRng::seed_from_u64(seed);
        let mut walk = Walk::new(Arc::clone(&graph));
        let (mut models, mut rates) = (Vec::new(), Vec::new());
        let ending = loop {
            let stop = walk.advance(self.facts, &mut |below| random.random_range(0..below));
            match stop {
                Stop::End(ending) => break ending,
                Stop::Model { id, call } => {
                    let answered = !self.is_to_fail(&id);
                    walk.model_answered(answered, if answered { "answers" } else { TOLD });
                    models.push(self.model(&id, &call, answered));
                }
                Stop::Gate { id, gate, key } => {
                    let (rate, because) = self.rate(&id, &gate, &key).await;
                    walk.gate_passed(rate.passed, because);
                    rates.push(rate);
                }
            }
        };
        let answering = if ending == Ending::Answered {
            models.iter().rev().find(|model| model.answered).map(|model| model.target.clone())
        } else {
            None
        };
        let chances = walk
            .path()
            .iter()
            .filter_map(|visit| Chances::of(visit, graph.get(&visit.element)?))
            .collect();
        Simulation {
            route_id: &self.route.id,
            name: &self.route.name,
            version_id: &self.version.id,
            seed,
            path: walk.path().to_vec(),
            ending: view::word(ending),
            model: answering,
            models,
            rates,
            chances,
            tokens: &self.estimate,
            notes: &self.facts.notes,
        }
    }

    fn is_to_fail(&self, id: &str) -> bool {
        self.fail.iter().any(|told| told == id)
    }

    fn model(&self, id: &str, call: &ModelCall, answered: bool) -> ModelView {
        let cost = |provider: &str, model: &str| {
            let prices = estimate::Prices {
                market: Market {
                    snapshot: &self.caller.snapshot,
                    table: &self.api.prices,
                    account: self.caller.account().as_str(),
                    gateway: self.route.gateway_id.as_str(),
                },
                at: self.now,
            };
            self.estimate.cost(&prices, provider, model)
        };
        ModelView::of(id, call, answered, cost)
    }

    /// Where a limit stands, and what it would say.
    async fn rate(&self, id: &str, gate: &RateGate, value: &str) -> (RateView, String) {
        let key = gate_key(self.caller.account().as_str(), &self.route.id, id, value);
        let (level, has_room) = match gate.unit {
            RateUnit::Count => {
                let draw = gate.draw(key);
                let level = match &self.api.counters {
                    Some(counters) => Some(counters.level(&key, draw.window, self.now).await),
                    None => None,
                };
                let used = level.map_or(0, |level| level.used);
                (level.map(Used::from), used.saturating_add(draw.amount) <= draw.limit)
            }
            RateUnit::Cost => {
                let claim = gate.claim(key);
                let standing = self.api.ledger.standing(&claim, self.now).await;
                (Some(Used::from(standing)), standing.taken() < claim.limit)
            }
        };
        let rate = RateView::of(id, gate, value, level, has_room && !self.is_to_fail(id));
        let because = if self.is_to_fail(id) { TOLD.to_owned() } else { rate.because() };
        (rate, because)
    }
}

/// Why an element fails that could do otherwise.
const TOLD: &str = "told to fail";
