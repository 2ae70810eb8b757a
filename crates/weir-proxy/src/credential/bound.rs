//! A key goes to the place that it was stored for, and to no other (spec: data-plane 2.5).

use weir_core::{Error, Kind};

use super::{Resolved, Source};
use crate::diagnose;
use crate::target::Target;
use crate::upstream::origin::Origin;

/// Refuses a call that would carry a stored key, or the operator's, elsewhere. What the operator's
/// own configuration put in the place of a provider counts as that provider.
pub(crate) fn check(resolved: &Resolved, target: &Target) -> Result<(), Error> {
    let Some(key) = resolved.key.as_ref().filter(|_| resolved.source != Source::Request) else {
        return Ok(());
    };
    let declared = &target.declared;
    let refuse = |hint: String| {
        Err(Error::new(Kind::EgressRefused, "The stored key is not for this place")
            .with_hint(diagnose::ascii(&hint)))
    };
    if let Some(origin) = &key.origin {
        let is_it = Origin::parse(origin).is_ok_and(|origin| origin == *declared);
        return match is_it {
            true => Ok(()),
            false => refuse(format!(
                "the key '{}' was stored for {origin}, and '{}' is at {declared} now: store the \
                 key again if that is right",
                key.name,
                target.slug.as_str()
            )),
        };
    }
    match target.provider {
        Some(row) if declared.is_https() && row.owns(declared.host()) => Ok(()),
        Some(row) => refuse(format!("{declared} is not a place of '{}'", row.slug)),
        // The place is the account's word: the operator's key follows the operator's alone.
        None if resolved.source == Source::Platform && !target.is_overridden => refuse(format!(
            "the operator's key for '{0}' needs an origin beside it, in [providers.{0}]",
            target.slug.as_str()
        )),
        None => Ok(()),
    }
}
