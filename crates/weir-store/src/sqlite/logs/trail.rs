//! The trail of a row as text: JSON with short names, without what the row says by itself.
//!
//! Every row has one, so what every trail holds is kept small: times as five differences, money as
//! pico-dollars, no price id (it is a column). An ordinary call takes about a hundred bytes. What
//! only some calls have, routes, limits and the cache, is written as it is.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use weir_core::Cost;
use weir_core::trail::{
    AttemptTrail, BudgetTrail, CacheTrail, CredentialTrail, LimitTrail, Phases, PriceLine,
    PriceTerms, PriceTrail, RouteTrail, Trail,
};

/// A trail that is written or was read.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    #[serde(rename = "r", skip_serializing_if = "Option::is_none")]
    route: Option<Cow<'a, RouteTrail>>,
    #[serde(rename = "h", skip_serializing_if = "Option::is_none")]
    cache: Option<Cow<'a, CacheTrail>>,
    #[serde(rename = "l", skip_serializing_if = "is_empty", default = "none")]
    limits: Cow<'a, [LimitTrail]>,
    #[serde(rename = "b", skip_serializing_if = "is_empty", default = "none")]
    budgets: Cow<'a, [BudgetTrail]>,
    #[serde(rename = "c", skip_serializing_if = "Option::is_none")]
    credential: Option<Credential<'a>>,
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    attempt: Option<Attempt<'a>>,
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    phases: Option<Times>,
    #[serde(rename = "p", skip_serializing_if = "Option::is_none")]
    price: Option<Price<'a>>,
    /// What few prices have.
    #[serde(rename = "q", skip_serializing_if = "Option::is_none", default)]
    beside: Option<Beside<'a>>,
    #[serde(rename = "e", skip_serializing_if = "std::ops::Not::not", default)]
    estimated: bool,
}

/// Source, id and alias; the source alone when there is nothing more to say.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Credential<'a> {
    Source(Cow<'a, str>),
    Whole(Cow<'a, CredentialTrail>),
}

/// The kind alone stands for the only try there was to be.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Attempt<'a> {
    Only(Cow<'a, str>),
    Whole(Cow<'a, AttemptTrail>),
}

/// Microseconds: the wait for the body, then to each moment from the one before it that there was.
type Times = (u64, Option<u64>, Option<u64>, Option<u64>, u64);

/// By whose word, and for each line unit, quantity and pico-dollars. The price id is a column of the
/// row, and here only when it is another, or empty for none.
#[derive(Serialize, Deserialize)]
struct Price<'a>(
    Cow<'a, str>,
    Vec<(Cow<'a, str>, u64, i64)>,
    #[serde(skip_serializing_if = "Option::is_none", default)] Option<Cow<'a, str>>,
);

/// What goes with a price: what our own made of it in pico-dollars, terms, why a caller's own does not
/// count.
#[derive(Serialize, Deserialize)]
struct Beside<'a> {
    #[serde(rename = "o", skip_serializing_if = "Option::is_none", default)]
    computed: Option<i64>,
    #[serde(rename = "t", skip_serializing_if = "Option::is_none", default)]
    terms: Option<Cow<'a, PriceTerms>>,
    #[serde(rename = "i", skip_serializing_if = "Option::is_none", default)]
    ignored: Option<Cow<'a, str>>,
}

fn is_empty<T>(list: &[T]) -> bool {
    list.is_empty()
}

const fn none<'a, T: Clone>() -> Cow<'a, [T]> {
    Cow::Borrowed(&[])
}

/// The text of a trail, beside a row with this price id.
pub(super) fn encode(trail: &Trail, price_id: Option<&str>) -> String {
    // All of it named, so that a new kind of decision cannot be forgotten here.
    let Trail { route, cache, limits, budgets, credential, attempt, phases, price, estimated } =
        trail;
    let stored = Stored {
        route: route.as_ref().map(Cow::Borrowed),
        cache: cache.as_ref().map(Cow::Borrowed),
        limits: Cow::Borrowed(limits),
        budgets: Cow::Borrowed(budgets),
        credential: credential.as_ref().map(of_credential),
        attempt: attempt.as_ref().map(of_attempt),
        phases: phases.as_ref().map(of_phases),
        price: price.as_ref().map(|price| of_price(price, price_id)),
        beside: price.as_ref().and_then(of_beside),
        estimated: *estimated,
    };
    // Names, numbers and texts: there is nothing in it that JSON could not hold.
    serde_json::to_string(&stored).unwrap_or_default()
}

/// The trail of a text. `None` when it is none, as a newer version may have written.
pub(super) fn decode(text: &str, price_id: Option<&Arc<str>>) -> Option<Trail> {
    let stored: Stored<'_> = serde_json::from_str(text).ok()?;
    Some(Trail {
        route: stored.route.map(Cow::into_owned),
        cache: stored.cache.map(Cow::into_owned),
        limits: stored.limits.into_owned(),
        budgets: stored.budgets.into_owned(),
        credential: stored.credential.map(|credential| match credential {
            Credential::Source(source) => {
                let source = Cow::Owned(source.into_owned());
                CredentialTrail { source, ..CredentialTrail::default() }
            }
            Credential::Whole(whole) => whole.into_owned(),
        }),
        attempt: stored.attempt.map(|attempt| match attempt {
            Attempt::Only(kind) => only(&kind),
            Attempt::Whole(whole) => whole.into_owned(),
        }),
        phases: stored.phases.map(to_phases),
        price: stored.price.map(|price| to_price(price, stored.beside, price_id)),
        estimated: stored.estimated,
    })
}

fn of_credential(trail: &CredentialTrail) -> Credential<'_> {
    if trail.id.is_none() && trail.alias.is_none() {
        Credential::Source(Cow::Borrowed(&*trail.source))
    } else {
        Credential::Whole(Cow::Borrowed(trail))
    }
}

fn of_attempt(trail: &AttemptTrail) -> Attempt<'_> {
    if *trail == only(&trail.kind) {
        Attempt::Only(Cow::Borrowed(&*trail.kind))
    } else {
        Attempt::Whole(Cow::Borrowed(trail))
    }
}

fn only(kind: &str) -> AttemptTrail {
    AttemptTrail { of: 1, kind: kind.into(), ..AttemptTrail::default() }
}

fn of_phases(phases: &Phases) -> Times {
    let Phases { body_us, sent_us, head_us, first_byte_us, ended_us } = *phases;
    let mut before = 0;
    // Moments come in this order; were one earlier than the one before it, sums would still be right.
    let mut since = |at: u64| at.wrapping_sub(std::mem::replace(&mut before, at));
    let (sent, head) = (sent_us.map(&mut since), head_us.map(&mut since));
    (body_us, sent, head, first_byte_us.map(&mut since), since(ended_us))
}

fn to_phases((body_us, sent, head, first_byte, ended): Times) -> Phases {
    let mut at = 0_u64;
    let mut moment = |since: u64| {
        at = at.wrapping_add(since);
        at
    };
    let (sent_us, head_us) = (sent.map(&mut moment), head.map(&mut moment));
    let first_byte_us = first_byte.map(&mut moment);
    Phases { body_us, sent_us, head_us, first_byte_us, ended_us: moment(ended) }
}

fn of_price<'a>(price: &'a PriceTrail, price_id: Option<&str>) -> Price<'a> {
    let line = |line: &'a PriceLine| (Cow::Borrowed(&*line.unit), line.quantity, line.cost.pico());
    let id = price.id.as_deref();
    let other = (id != price_id).then(|| Cow::Borrowed(id.unwrap_or_default()));
    Price(Cow::Borrowed(&*price.by), price.lines.iter().map(line).collect(), other)
}

fn of_beside(price: &PriceTrail) -> Option<Beside<'_>> {
    // All of it named, so that what is added to a price cannot be forgotten here.
    let PriceTrail { by: _, id: _, lines: _, computed, terms, ignored } = price;
    if computed.is_none() && terms.is_none() && ignored.is_none() {
        return None;
    }
    Some(Beside {
        computed: computed.map(Cost::pico),
        terms: terms.as_deref().map(Cow::Borrowed),
        ignored: ignored.as_deref().map(Cow::Borrowed),
    })
}

fn to_price(
    Price(by, lines, other): Price<'_>,
    beside: Option<Beside<'_>>,
    price_id: Option<&Arc<str>>,
) -> PriceTrail {
    let beside = beside.unwrap_or(Beside { computed: None, terms: None, ignored: None });
    let line = |(unit, quantity, pico): (Cow<'_, str>, u64, i64)| PriceLine {
        unit: Cow::Owned(unit.into_owned()),
        quantity,
        cost: Cost::from_pico(pico),
    };
    PriceTrail {
        by: Cow::Owned(by.into_owned()),
        id: match other {
            None => price_id.cloned(),
            Some(other) => (!other.is_empty()).then(|| Arc::from(other)),
        },
        lines: lines.into_iter().map(line).collect(),
        computed: beside.computed.map(Cost::from_pico),
        terms: beside.terms.map(|terms| Box::new(terms.into_owned())),
        ignored: beside.ignored.map(|ignored| Cow::Owned(ignored.into_owned())),
    }
}

#[cfg(test)]
mod tests;
