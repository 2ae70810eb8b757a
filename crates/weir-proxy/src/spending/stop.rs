//! The kill switch: calls of what an operator has stopped are refused, and cut off where they are
//! under way.

use weir_core::stop::Stopped;
use weir_core::{Error, Kind, Snapshot, Timestamp};

use crate::diagnose;
use crate::exchange::Facts;
use crate::plane::Shared;

/// Whether a call's token, session or user is stopped by the configuration as it is now, which may
/// be newer than the call.
///
/// # Errors
/// `Kind::Stopped`.
pub(crate) fn check(shared: &Shared, facts: &Facts) -> Result<(), Error> {
    let live = shared.configuration.live().load();
    of(&live, facts, shared.clock.now()).map_or(Ok(()), Err)
}

/// The error of a call that is stopped.
pub(crate) fn of(snapshot: &Snapshot, facts: &Facts, now: Timestamp) -> Option<Error> {
    let account = &facts.gateway.account_id;
    if !snapshot.has_stops(account) {
        return None;
    }
    let stopped = |what: Stopped, value: &str| {
        let stop = snapshot.stop(account, what, value).filter(|stop| stop.holds(now))?;
        let reason = stop.reason.as_deref().unwrap_or("an operator has stopped it");
        let hint = format!("{}: {reason}", what.label());
        let text = "These calls have been stopped";
        Some(Error::new(Kind::Stopped, text).with_hint(diagnose::ascii(&hint)))
    };
    let token = facts.caller.token.as_ref();
    let claims = facts.caller.claims.as_ref();
    let labels = facts.options.metadata.as_ref();
    let user = claims.and_then(|claims| claims.user_id.as_deref().map(Into::into));
    let user = user.or_else(|| labels.and_then(|labels| labels.text("cf.user_id")));
    token
        .and_then(|token| stopped(Stopped::Token, &token.id))
        .or_else(|| stopped(Stopped::Session, facts.options.session.as_deref()?))
        .or_else(|| stopped(Stopped::User, &user?))
}
