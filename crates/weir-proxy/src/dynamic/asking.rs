//! One model asked in a turn of its own.

use std::sync::Arc;

use bytes::Bytes;
use weir_core::route::RouteTarget;
use weir_core::{Error, Kind};

use super::{Routed, Served, name_model};
use crate::exchange::{Exchange, Facts, Unified};
use crate::plane::Shared;
use crate::reply::{Identity, local};
use crate::turn::{self, Ask, Turn, UnifiedAsk};
use crate::unified::{self, Asked, Unwanted, Wanted};

/// Asks a model. Whatever comes of it leaves a row.
pub(super) async fn ask(
    shared: &Arc<Shared>,
    routed: &Routed,
    identity: &Identity,
    facts: Box<Facts>,
    target: &RouteTarget,
) -> Served {
    let mut served = unnamed(shared, routed, identity, facts, target).await;
    name_model(&mut served, target.provider.as_str(), &target.model);
    served
}

async fn unnamed(
    shared: &Arc<Shared>,
    routed: &Routed,
    identity: &Identity,
    mut facts: Box<Facts>,
    target: &RouteTarget,
) -> Served {
    let mut identity = Identity { log: facts.id, step: facts.step, ..identity.clone() };
    let body = with_model(&routed.body, target);
    let asked = Asked {
        account: facts.gateway.account_id.as_str(),
        door: &routed.door,
        body: &body,
        content_type: facts.call.content_type.as_deref(),
        aliases: &facts.gateway.settings.model_aliases,
        chosen: Some(target),
    };
    let refused = match Wanted::read(&asked, &facts.snapshot, shared) {
        Ok(wanted) => {
            identity.dialect = Some(wanted.operation.dialect());
            match unified::counted(&wanted) {
                Ok(Some(body)) => {
                    identity.logged = false;
                    return Ok(local::json(body, &identity));
                }
                Ok(None) => {
                    facts.call.provider = wanted.slug.clone();
                    let (model, model_type) = (wanted.model.clone(), wanted.operation.model_type());
                    facts.call.unified = Some(Unified { model, model_type });
                    let exchange = Exchange::new(facts, Arc::clone(shared));
                    let query = routed.door.query.clone();
                    let sifted = routed.sifted.clone();
                    let ask = Ask::Unified(Box::new(UnifiedAsk { wanted, query, sifted }));
                    return turn::take(shared, Turn { exchange, ask }, identity).await;
                }
                Err(error) => error,
            }
        }
        Err(Unwanted::Refused(error)) => error,
        Err(Unwanted::Route(_)) => Error::new(Kind::UnknownRoute, "No such dynamic route"),
    };
    refuse(shared, routed, &identity, facts, (target, refused))
}

/// A model that cannot be asked: a failure with a row, as any other.
pub(super) fn refuse(
    shared: &Arc<Shared>,
    routed: &Routed,
    identity: &Identity,
    mut facts: Box<Facts>,
    (target, error): (&RouteTarget, Error),
) -> Served {
    facts.call.provider = target.provider.clone();
    let model_type = routed.door.operation().model_type();
    facts.call.unified = Some(Unified { model: target.model.as_str().into(), model_type });
    let identity = Identity { log: facts.id, step: facts.step, ..identity.clone() };
    let mut exchange = Exchange::new(facts, Arc::clone(shared));
    let mut served = Err(identity.end(&mut exchange, error));
    name_model(&mut served, target.provider.as_str(), &target.model);
    served
}

/// The client's body with the chosen model in it, so that a direct call of that model has the same
/// cache key. Bodies that hold no model stay as they are.
fn with_model(body: &Bytes, target: &RouteTarget) -> Bytes {
    let name = format!("{}/{}", target.provider.as_str(), target.model);
    weir_llm::provider::set_model(body, &name).map_or_else(|_| body.clone(), Bytes::from)
}
