//! Which limits apply to a call, and by which counters they go.

use weir_core::counters::{CounterKey, Draw, Window};
use weir_core::error::Retry;
use weir_core::route::Technique;
use weir_core::traffic::{LimitBy, LimitUnit, RateLimit};
use weir_core::{Error, Gateway, Kind};

use super::Applicant;

/// The rule about calls on the operator's keys: so many for each gateway in so many seconds. Zero
/// calls or seconds: no rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Platform {
    pub(super) calls: u64,
    pub(super) seconds: u64,
}

/// Something that a call must get from a limit before it may go on.
#[derive(Clone, Debug)]
pub(super) struct Demand {
    /// The limit's name in logs and hints.
    pub(super) name: Box<str>,
    pub(super) unit: LimitUnit,
    /// Whose counter it is, where there are several.
    pub(super) of: Option<Box<str>>,
    pub(super) taking: Taking,
    /// Another model may pass where this one was refused.
    by_target: bool,
    /// What a refused caller is told; nothing about the gateway's own limit.
    is_told: bool,
}

/// What is taken.
#[derive(Clone, Debug)]
pub(super) enum Taking {
    /// An amount, for good.
    Amount(Draw),
    /// A place, until it is given back.
    Place { key: CounterKey, limit: u64 },
}

impl Demand {
    pub(super) const fn key(&self) -> &CounterKey {
        match &self.taking {
            Taking::Amount(draw) => &draw.key,
            Taking::Place { key, .. } => key,
        }
    }

    pub(super) const fn limit(&self) -> u64 {
        match &self.taking {
            Taking::Amount(draw) => draw.limit,
            Taking::Place { limit, .. } => *limit,
        }
    }

    /// Seconds of its window.
    pub(super) const fn seconds(&self) -> Option<u64> {
        match &self.taking {
            Taking::Amount(draw) => Some(draw.window.seconds),
            Taking::Place { .. } => None,
        }
    }

    /// The error of a call that it refuses (spec: data-plane 13).
    pub(super) fn refusal(&self) -> Error {
        let retry = if self.by_target { Retry::NextTarget } else { Retry::Never };
        let error = Error::new(Kind::RateLimited, "Rate limited").with_retry(retry);
        if !self.is_told {
            return error;
        }
        let (name, limit) = (&self.name, self.limit());
        error.with_hint(match (self.unit, self.seconds()) {
            (LimitUnit::Tokens, Some(seconds)) => {
                format!("the limit '{name}' allows {limit} tokens in {seconds} s")
            }
            (_, Some(seconds)) => format!("the limit '{name}' allows {limit} calls in {seconds} s"),
            (_, None) => format!("the limit '{name}' allows {limit} calls at the same time"),
        })
    }
}

/// Whether any limit may apply; for a gateway without limits this is all that is asked.
pub(super) fn any(who: &Applicant<'_>, platform: Platform) -> bool {
    !who.gateway.settings.rate_limits.is_empty()
        || own_window(who.gateway).is_some()
        || platform_window(who, platform).is_some()
}

/// Every limit that applies, the gateway's own first.
pub(super) fn all(who: &Applicant<'_>, platform: Platform) -> Vec<Demand> {
    let rules = who.gateway.settings.rate_limits.iter().filter_map(|rule| of_rule(who, rule));
    own(who).into_iter().chain(rules).chain(of_platform(who, platform)).collect()
}

/// Limit and window of the gateway's own setting, if that is on.
fn own_window(gateway: &Gateway) -> Option<(u64, Window)> {
    let settings = &gateway.settings;
    let limit = settings.rate_limiting_limit.filter(|limit| *limit > 0)?;
    let seconds = settings.rate_limiting_interval.filter(|seconds| *seconds > 0)?;
    let technique = match settings.rate_limiting_technique.as_deref() {
        Some("sliding") => Technique::Sliding,
        _ => Technique::Fixed,
    };
    Some((limit, Window { seconds, technique }))
}

fn own(who: &Applicant<'_>) -> Option<Demand> {
    let (limit, window) = own_window(who.gateway)?;
    let key = key(who, &[b"rate"]);
    Some(Demand {
        name: "gateway".into(),
        unit: LimitUnit::Requests,
        of: None,
        taking: Taking::Amount(Draw { key, window, limit, amount: 1 }),
        by_target: false,
        is_told: false,
    })
}

fn platform_window(who: &Applicant<'_>, platform: Platform) -> Option<Window> {
    let Platform { calls, seconds } = platform;
    let applies = who.platform && calls > 0 && seconds > 0;
    applies.then_some(Window { seconds, technique: Technique::Fixed })
}

fn of_platform(who: &Applicant<'_>, platform: Platform) -> Option<Demand> {
    let window = platform_window(who, platform)?;
    let key = key(who, &[b"platform"]);
    Some(Demand {
        name: "platform".into(),
        unit: LimitUnit::Requests,
        of: None,
        taking: Taking::Amount(Draw { key, window, limit: platform.calls, amount: 1 }),
        by_target: true,
        is_told: true,
    })
}

/// A call without the metadata key that a rule goes by is not limited by it.
fn of_rule(who: &Applicant<'_>, rule: &RateLimit) -> Option<Demand> {
    let of: Option<Box<str>> = match &rule.by {
        LimitBy::Gateway => None,
        LimitBy::Token => Some(who.token_id.unwrap_or_default().into()),
        LimitBy::Model => Some(format!("{}/{}", who.provider, who.model).into()),
        LimitBy::Metadata(name) => Some(who.metadata?.text(name)?.into_owned().into()),
    };
    let by = String::from(rule.by.clone());
    let value = of.as_deref().unwrap_or_default();
    let parts: [&[u8]; 5] = [
        b"rule",
        rule.id.as_bytes(),
        rule.unit.label().as_bytes(),
        by.as_bytes(),
        value.as_bytes(),
    ];
    let (key, limit) = (key(who, &parts), rule.limit);
    let amount = match rule.unit {
        LimitUnit::Requests => 1,
        // A call that nobody could estimate finds a full counter full.
        LimitUnit::Tokens => who.estimated_tokens.max(1),
        LimitUnit::Concurrent => 0,
    };
    let taking = match rule.interval {
        _ if rule.unit == LimitUnit::Concurrent => Taking::Place { key, limit },
        Some(seconds) => {
            let window = Window { seconds, technique: rule.technique };
            Taking::Amount(Draw { key, window, limit, amount })
        }
        // Settings are checked when they are made: there is no such rule.
        None => return None,
    };
    let by_target = rule.by == LimitBy::Model;
    let name = rule.id.as_str().into();
    Some(Demand { name, unit: rule.unit, of, taking, by_target, is_told: true })
}

fn key(who: &Applicant<'_>, parts: &[&[u8]]) -> CounterKey {
    let gateway = [who.gateway.account_id.as_str().as_bytes(), who.gateway.id.as_str().as_bytes()];
    CounterKey::of(&[&gateway[..], parts].concat())
}
