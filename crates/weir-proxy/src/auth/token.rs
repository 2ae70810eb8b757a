//! Tokens of ours (spec: data-plane 2.1).

use std::sync::Arc;

use weir_core::{ApiToken, Permission};

use super::{Asked, Refusal};
use crate::front::headers::Presented;

/// The token, if it opens this gateway now, from there.
pub(super) fn valid(presented: &Presented, asked: &Asked<'_>) -> Result<Arc<ApiToken>, Refusal> {
    let token = match presented {
        Presented::Nothing => return Err(Refusal::Nothing),
        Presented::Placeholder => return Err(Refusal::Placeholder),
        Presented::Unknown => return Err(Refusal::Unknown),
        Presented::Token(token) => token,
    };
    if token.account_id != *asked.account {
        Err(Refusal::OtherAccount)
    } else if token.revoked_at.is_some() {
        Err(Refusal::Revoked)
    } else if token.disabled {
        Err(Refusal::Disabled)
    } else if token.not_before.is_some_and(|at| asked.now < at) {
        Err(Refusal::NotYet)
    } else if !token.is_live(asked.now) {
        Err(Refusal::Expired)
    } else if !token.grants(Permission::Run) {
        Err(Refusal::LacksRun)
    } else if !token.opens(asked.gateway) {
        Err(Refusal::OtherGateways)
    } else if !asked.is_within(&token.ip_allow) {
        Err(Refusal::Address(asked.address))
    } else {
        Ok(Arc::clone(token))
    }
}

#[cfg(test)]
mod tests;
