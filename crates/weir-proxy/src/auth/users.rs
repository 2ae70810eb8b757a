//! Users: callers for whom an issuer of JSON web tokens vouches (spec: data-plane 2.7).

mod keys;
mod verified;

use std::sync::Arc;

use weir_core::Snapshot;
use weir_core::access::Issuer;
use weir_core::policy::Claims;
use weir_llm::auth::jwt::{JwtFault, KeySet, Token, caller_claims, check_claims, check_required};

use self::keys::IssuerKeys;
use self::verified::{Verified, VerifiedTokens};
use super::Asked;
use crate::front::web_tokens::WebTokens;
use crate::plane::Shared;

/// Issuers of one name that are tried for a token: an identity provider may be entered once for each
/// of its applications.
const MOST_ISSUERS: usize = 20;

/// What is kept between calls: the issuers' keys, and tokens that were found good.
#[derive(Default)]
pub(crate) struct Users {
    keys: IssuerKeys,
    verified: VerifiedTokens,
}

impl Users {
    /// Fetches the keys of every issuer before they are needed, for as long as it is polled.
    pub(crate) async fn keep_keys(shared: &Arc<Shared>) {
        keys::keep(shared).await;
    }
}

/// A user, let in.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) claims: Arc<Claims>,
    /// Id of the issuer.
    pub(crate) issuer: Arc<str>,
}

/// Why a user is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserRefusal {
    /// The token itself is no good.
    Token(JwtFault),
    /// The account has no issuer of that name.
    UnknownIssuer,
    /// It has, but not in force.
    DisabledIssuer,
    /// The host is for users of another one.
    OtherIssuer,
    /// The issuer's users may call other gateways.
    OtherGateways,
    /// The issuer's keys cannot be had.
    KeysAway,
}

impl UserRefusal {
    /// Label in metrics.
    const fn label(self) -> &'static str {
        match self {
            Self::Token(fault) => fault.label(),
            Self::UnknownIssuer => "unknown_issuer",
            Self::DisabledIssuer => "disabled_issuer",
            Self::OtherIssuer => "other_issuer",
            Self::OtherGateways => "other_gateways",
            Self::KeysAway => "keys_away",
        }
    }
}

/// The user of the first token that is good; else why the most telling one is not.
pub(super) async fn identify(
    shared: &Arc<Shared>,
    snapshot: &Snapshot,
    asked: &Asked<'_>,
    tokens: &WebTokens,
) -> Result<User, UserRefusal> {
    let mut first = None;
    for token in tokens.iter() {
        match one(shared, snapshot, asked, token).await {
            Ok(user) => {
                shared.metrics.identity.accepted();
                return Ok(user);
            }
            Err(reason) => first = first.or(Some(reason)),
        }
    }
    let reason = first.unwrap_or(UserRefusal::UnknownIssuer);
    shared.metrics.identity.refused(reason.label());
    Err(reason)
}

async fn one(
    shared: &Arc<Shared>,
    snapshot: &Snapshot,
    asked: &Asked<'_>,
    text: &str,
) -> Result<User, UserRefusal> {
    let users = &shared.users;
    if let Some(known) = users.verified.get(asked.account, text)
        && known.life.check(asked.now).is_ok()
        && is_in_force(users, snapshot, &known)
        && may_come_in(&known.issuer, asked).is_ok()
    {
        return Ok(User {
            claims: Arc::clone(&known.claims),
            issuer: Arc::clone(&known.issuer.id),
        });
    }
    let token = Token::parse(text).map_err(UserRefusal::Token)?;
    let mut first = None;
    for issuer in named(snapshot, asked, &token)? {
        match verify(shared, issuer, &token, asked).await {
            Ok(found) => {
                let user =
                    User { claims: Arc::clone(&found.claims), issuer: Arc::clone(&issuer.id) };
                users.verified.put(asked.account, text, found);
                return Ok(user);
            }
            Err(reason) => first = first.or(Some(reason)),
        }
    }
    Err(first.unwrap_or(UserRefusal::UnknownIssuer))
}

/// Whether what a token was checked by is what it would be checked by now.
fn is_in_force(users: &Users, snapshot: &Snapshot, known: &Verified) -> bool {
    let issuer = &known.issuer;
    let present = snapshot.configuration().get::<Issuer>(&issuer.account_id, &issuer.id);
    let keys = users.keys.present(issuer);
    present.is_some_and(|present| Arc::ptr_eq(present, issuer) || present == issuer)
        && keys.is_some_and(|keys| Arc::ptr_eq(&keys, &known.keys))
}

/// Whether an issuer's users may come in where they want to.
fn may_come_in(issuer: &Issuer, asked: &Asked<'_>) -> Result<(), UserRefusal> {
    if !issuer.enabled {
        return Err(UserRefusal::DisabledIssuer);
    }
    if asked.issuer.is_some_and(|only| only != &*issuer.id) {
        return Err(UserRefusal::OtherIssuer);
    }
    if issuer.opens(asked.gateway) { Ok(()) } else { Err(UserRefusal::OtherGateways) }
}

/// The account's issuers of the name that a token says, as far as they open the place.
fn named<'a>(
    snapshot: &'a Snapshot,
    asked: &Asked<'_>,
    token: &Token<'_>,
) -> Result<Vec<&'a Arc<Issuer>>, UserRefusal> {
    let name = token.issuer();
    let issuers = snapshot.configuration().issuers.of(asked.account.as_str());
    let mut found = Vec::new();
    let mut refusal = UserRefusal::UnknownIssuer;
    for issuer in issuers.filter(|issuer| Some(issuer.issuer.as_str()) == name) {
        match may_come_in(issuer, asked) {
            Ok(()) => found.push(issuer),
            Err(reason) => refusal = reason,
        }
    }
    found.truncate(MOST_ISSUERS);
    if found.is_empty() { Err(refusal) } else { Ok(found) }
}

async fn verify(
    shared: &Arc<Shared>,
    issuer: &Arc<Issuer>,
    token: &Token<'_>,
    asked: &Asked<'_>,
) -> Result<Verified, UserRefusal> {
    let life = check_claims(token, issuer, asked.now).map_err(UserRefusal::Token)?;
    let keys = signed_by(shared, issuer, token).await?;
    check_required(token, issuer).map_err(UserRefusal::Token)?;
    let claims = Arc::new(caller_claims(token, &issuer.claims));
    Ok(Verified { issuer: Arc::clone(issuer), keys, life, claims })
}

/// The keys that the token is signed by. One that they do not hold may be newer than they are.
async fn signed_by(
    shared: &Arc<Shared>,
    issuer: &Issuer,
    token: &Token<'_>,
) -> Result<Arc<KeySet>, UserRefusal> {
    let keys = keys::of(shared, issuer).await.ok_or(UserRefusal::KeysAway)?;
    match keys.verify(token) {
        Ok(()) => return Ok(keys),
        Err(JwtFault::UnknownKey) => {}
        Err(fault) => return Err(UserRefusal::Token(fault)),
    }
    let fresh = keys::again(shared, issuer).await.ok_or(UserRefusal::KeysAway)?;
    fresh.verify(token).map_err(UserRefusal::Token)?;
    Ok(fresh)
}
