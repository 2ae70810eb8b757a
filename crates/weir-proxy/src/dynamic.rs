//! Dynamic routes: a graph chooses the model of a call (spec: data-plane 8).
//!
//! The walk itself is pure and lives in `weir_core::route`. Here is what it stops for: counters, and
//! models, each of which is a turn of its own, with its own cache key, credential, tries and row.

mod asking;
pub(crate) mod call;
mod facts;
mod hedged;
pub(crate) mod shadow;

use std::sync::Arc;

use bytes::Bytes;
use http::header::HeaderName;
use http::{HeaderValue, Response};
use weir_core::counters::Drawn;
use weir_core::ledger::Standing;
use weir_core::route::{DeployedRoute, Ending, RateGate, RateUnit, Stop, Walk, gate_key};
use weir_core::trail::RouteTrail;
use weir_core::{Cost, Error, Kind};

use self::call::is_good;
use self::facts::Said;
use crate::diagnose;
use crate::exchange::{Exchange, Facts, Unified};
use crate::front::door::Door;
use crate::front::headers::Sifted;
use crate::pipeline::Refusal;
use crate::plane::Shared;
use crate::reply::{Identity, ReplyBody, hear_out};
use crate::spending::{Demand, Of, Unit};

/// A call whose model a route chooses.
pub(crate) struct Routed {
    /// Name of the route.
    pub(crate) name: Box<str>,
    pub(crate) facts: Box<Facts>,
    pub(crate) sifted: Sifted,
    pub(crate) door: Door,
    /// The client's body.
    pub(crate) body: Bytes,
}

/// What a model made of a call.
type Served = Result<Response<ReplyBody>, Refusal>;

/// A walk under way, and what it has come to.
struct Run<'a> {
    shared: &'a Arc<Shared>,
    routed: Arc<Routed>,
    route: Arc<DeployedRoute>,
    identity: Identity,
    /// Models asked so far.
    asked: u32,
    /// Cost limits on the way, of which whatever is asked from here on claims what it costs.
    gates: Vec<Demand>,
}

/// Walks a route and gives what it ends with.
pub(crate) async fn run(shared: &Arc<Shared>, mut routed: Routed, identity: Identity) -> Served {
    let gateway = Arc::clone(&routed.facts.gateway);
    let found = routed
        .facts
        .snapshot
        .route(gateway.account_id.as_str(), gateway.id.as_str(), &routed.name)
        .cloned();
    // A row that no model is asked for is the route's own.
    routed.facts.call.provider = "dynamic".into();
    routed.facts.call.unified = Some(Unified {
        model: format!("dynamic/{}", routed.name).into(),
        model_type: routed.door.operation().model_type(),
    });
    let Some(route) = found else {
        let hint = format!("no route '{}' is deployed at gateway '{}'", routed.name, gateway.id);
        let error = Error::new(Kind::UnknownRoute, "No such dynamic route");
        let mut exchange = Exchange::new(routed.facts, Arc::clone(shared));
        return Err(identity.end(&mut exchange, error.with_hint(diagnose::ascii(&hint))));
    };
    let walk = Walk::new(Arc::clone(&route.graph));
    let run =
        Run { shared, routed: Arc::new(routed), route, identity, asked: 0, gates: Vec::new() };
    run.walk(walk).await
}

impl Run<'_> {
    async fn walk(mut self, mut walk: Walk) -> Served {
        let routed = Arc::clone(&self.routed);
        let said = Said::new(&routed.facts, &routed.sifted, &routed.body);
        let chance = &self.shared.chance;
        // The answer or the failure that the client gets, unless something better comes.
        let mut best = None;
        loop {
            match walk.advance(&said, &mut |n| chance.below(n)) {
                Stop::Gate { id, gate, key } => self.pass(&mut walk, &id, &gate, &key).await,
                Stop::Model { id, call } => {
                    let served = self.call(&walk, &id, &call).await;
                    if served.as_ref().is_err_and(Refusal::is_final) {
                        hear_out(self.shared, best.and_then(Result::ok));
                        return served;
                    }
                    walk.model_answered(is_good(&served), shown(&served));
                    keep(self.shared, &mut best, served);
                }
                Stop::End(ending) => return self.end(&walk, ending, best),
            }
        }
    }

    /// Asks a rate element: a counter of calls, or the ledger whether any of a cost is left.
    async fn pass(&mut self, walk: &mut Walk, id: &str, gate: &RateGate, value: &str) {
        let account = self.routed.facts.gateway.account_id.as_str();
        let key = gate_key(account, &self.route.route_id, id, value);
        let at = self.shared.clock.now();
        let (passed, used) = match gate.unit {
            RateUnit::Count => match self.shared.counters.draw(&gate.draw(key), at).await {
                Drawn::Taken(level) => (true, level.used),
                Drawn::Full(level) => (false, level.used),
            },
            RateUnit::Cost => {
                let claim = gate.claim(key);
                // Sets nothing apart: what a model may cost is claimed when it is asked.
                match self.shared.ledger.reserve(Arc::new([claim]), at).await {
                    Ok(reservation) => {
                        let of = Of::Gate { element: id.into() };
                        let value = Some(value.into());
                        self.gates.push(Demand { claim, unit: Unit::Cost, of, value });
                        (true, reservation.standings().first().map_or(0, Standing::taken))
                    }
                    Err(refused) => (false, refused.standing.taken()),
                }
            }
        };
        walk.gate_passed(passed, shown_level(gate, value, used));
    }

    fn end(self, walk: &Walk, ending: Ending, best: Option<Served>) -> Served {
        let error = match ending {
            Ending::Answered | Ending::ModelFailed => match best {
                Some(served) => return served,
                None => Error::new(Kind::Internal, "The route lost its answer"),
            },
            Ending::RateLimited => {
                hear_out(self.shared, best.and_then(Result::ok));
                Error::new(Kind::RateLimited, "Rate limited")
            }
            Ending::NoModel => Error::new(Kind::RouteExhausted, "The route asked no model")
                .with_hint("its way for this call ends without a model element"),
        };
        let mut facts = self.facts();
        facts.trail.route = Some(self.trail(walk));
        let identity = Identity { log: facts.id, step: facts.step, ..self.identity.clone() };
        let mut exchange = Exchange::new(facts, Arc::clone(self.shared));
        Err(identity.end(&mut exchange, error))
    }

    fn trail(&self, walk: &Walk) -> RouteTrail {
        RouteTrail {
            id: Arc::clone(&self.route.route_id),
            name: self.route.name.clone(),
            version_id: Arc::clone(&self.route.version_id),
            path: walk.path().to_vec(),
        }
    }
}

/// What a model gives stands for what was there before, unless that was better.
fn keep(shared: &Shared, best: &mut Option<Served>, served: Served) {
    let had_answer = best.as_ref().is_some_and(is_good);
    let passed_over =
        if is_good(&served) || !had_answer { best.replace(served) } else { Some(served) };
    hear_out(shared, passed_over.and_then(Result::ok));
}

/// How full a rate element is, for people.
fn shown_level(gate: &RateGate, value: &str, used: u64) -> Box<str> {
    let (of, value) = (&gate.key, gate.key.show(&value.into()));
    match gate.unit {
        RateUnit::Count => format!("{of} = {value}: {used} of {} calls", gate.limit),
        RateUnit::Cost => {
            let used = Cost::from_pico(i64::try_from(used).unwrap_or(i64::MAX));
            format!("{of} = {value}: {} of {} dollars", used.dollars(), gate.limit)
        }
    }
    .into()
}

/// What came of a model, for people.
fn shown(served: &Served) -> Box<str> {
    match served {
        Ok(response) => format!("status {}", response.status().as_u16()).into(),
        Err(refusal) => refusal.error.kind().label().into(),
    }
}

/// Says which model answered, or was to (spec: data-plane 3.2).
fn name_model(served: &mut Served, provider: &str, model: &str) {
    let headers = match served {
        Ok(response) => response.headers_mut(),
        Err(refusal) => &mut refusal.identity.extra,
    };
    for (name, value) in [("cf-aig-provider", provider), ("cf-aig-model", model)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}
