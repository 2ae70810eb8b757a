//! Who calls, and may they: the gateway credential (spec: data-plane 2.1 to 2.3, 2.7).

pub(crate) mod token;
pub(crate) mod users;

use std::net::IpAddr;
use std::sync::Arc;

use weir_core::policy::Claims;
use weir_core::{AccountId, ApiToken, Error, Gateway, Kind, Snapshot, Timestamp, net};

use self::users::UserRefusal;
use crate::diagnose;
use crate::front::headers::{Presented, Sifted};
use crate::plane::Shared;

/// The caller as the rest of the call knows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    /// The valid token that was presented. A call without one can still be allowed, by a gateway
    /// with authentication off, or for the user that an issuer vouches for.
    pub(crate) token: Option<Arc<ApiToken>>,
    /// What is known of the person behind the call, by the word of an issuer or of the edge.
    pub(crate) claims: Option<Arc<Claims>>,
    /// The issuer that vouches for the user, by its id.
    pub(crate) issuer: Option<Arc<str>>,
}

impl Caller {
    /// Whether a valid token was presented, ours or an issuer's.
    pub(crate) const fn is_authenticated(&self) -> bool {
        self.token.is_some() || self.issuer.is_some()
    }

    /// The user, by the word of an issuer. Programs have none.
    pub(crate) fn user_id(&self) -> Option<&str> {
        self.claims.as_ref()?.user_id.as_deref()
    }

    /// The caller in a country, as the edge says. It knows better than a token, which was given out
    /// some time ago.
    pub(crate) fn located(mut self, country: Option<&str>) -> Self {
        if let Some(country) = country {
            let claims = self.claims.get_or_insert_default();
            Arc::make_mut(claims).country = Some(country.to_owned());
        }
        self
    }
}

/// What a caller wants to use, and from where.
pub(crate) struct Asked<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) gateway: &'a str,
    /// The issuer whose users alone may come in, by its id.
    pub(crate) issuer: Option<&'a str>,
    /// Where the client is, if that is known.
    pub(crate) address: Option<IpAddr>,
    pub(crate) now: Timestamp,
}

impl Asked<'_> {
    /// Whether a list of addresses lets the client in.
    pub(crate) fn is_within(&self, list: &[String]) -> bool {
        list.is_empty() || self.address.is_some_and(|address| net::allows(list, address))
    }
}

/// Who calls, by the credentials that came along. Where a token of ours and one of a user came and
/// both are good, both count: the limits of the one, the name of the other.
pub(crate) async fn identify(
    shared: &Arc<Shared>,
    snapshot: &Snapshot,
    asked: &Asked<'_>,
    sifted: &Sifted,
) -> Result<Caller, Refusal> {
    let token = token::valid(&sifted.presented, asked);
    let user = match sifted.web_tokens.is_empty() {
        true => None,
        // Boxed, so that calls without such a token do not carry its size.
        false => Some(Box::pin(users::identify(shared, snapshot, asked, &sifted.web_tokens)).await),
    };
    match (token, user) {
        // Where a token may come from is no matter of choice for whoever has it.
        (Err(Refusal::Address(seen)), _) => Err(Refusal::Address(seen)),
        (token, Some(Ok(user))) => {
            Ok(Caller { token: token.ok(), claims: Some(user.claims), issuer: Some(user.issuer) })
        }
        (Ok(_), None) if asked.issuer.is_some() => Err(Refusal::UserNeeded),
        (Ok(_), Some(Err(reason))) if asked.issuer.is_some() => Err(Refusal::User(reason)),
        (Ok(token), _) => Ok(Caller { token: Some(token), ..Caller::default() }),
        // A token of ours that is no good says more than what else came along.
        (Err(reason), Some(Err(user))) => match sifted.presented {
            Presented::Token(_) if asked.issuer.is_none() => Err(reason),
            _ => Err(Refusal::User(user)),
        },
        (Err(_), None) if asked.issuer.is_some() => Err(Refusal::UserNeeded),
        (Err(reason), None) => Err(reason),
    }
}

/// The decision table of data-plane 2.3, for a gateway that is there.
pub(crate) fn decide(
    identified: Result<Caller, Refusal>,
    gateway: &Gateway,
    asked: &Asked<'_>,
    has_provider_key: bool,
) -> Result<Caller, Error> {
    if !asked.is_within(&gateway.settings.ip_allow) {
        return Err(Refusal::Address(asked.address).into_error(has_provider_key));
    }
    match identified {
        Ok(caller) => Ok(caller),
        Err(_) if !gateway.settings.authentication && asked.issuer.is_none() => {
            Ok(Caller::default())
        }
        Err(reason) => Err(reason.into_error(has_provider_key)),
    }
}

/// Why a caller is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Nothing,
    Placeholder,
    Unknown,
    OtherAccount,
    Revoked,
    Disabled,
    NotYet,
    Expired,
    LacksRun,
    OtherGateways,
    /// The list of the token, or of the gateway, does not hold the address.
    Address(Option<IpAddr>),
    /// The host is for users alone, and none is named.
    UserNeeded,
    /// The user's token is no good.
    User(UserRefusal),
}

impl Refusal {
    /// 401/2009, with the likely mistake named; 403 for a good credential in the wrong place; 503
    /// where nobody can tell whether it is good.
    pub(crate) fn into_error(self, has_provider_key: bool) -> Error {
        let (kind, public) = match &self {
            Self::Address(_) => (Kind::Forbidden, "Forbidden"),
            Self::User(UserRefusal::KeysAway) => {
                (Kind::Unavailable, "The caller's identity cannot be checked now")
            }
            _ => (Kind::Unauthenticated, "Unauthorized"),
        };
        Error::new(kind, public).with_hint(diagnose::refusal(&self, has_provider_key))
    }
}

#[cfg(test)]
mod tests;
