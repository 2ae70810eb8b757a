//! Access tokens of Google service accounts: asked for once, kept until shortly before they end.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use tokio::sync::Mutex as AsyncMutex;
use weir_core::credential::BoundTo;
use weir_core::{Error, Kind, Secret, Timestamp};
use weir_llm::auth::google_jwt::{ServiceAccount, form, read_token};

use crate::plane::Shared;
use crate::upstream::origin::Origin;
use crate::upstream::{NO_ANSWER, SendBody, Unread, UpstreamRequest};

/// A token is replaced so long before its end (spec: providers, google-vertex-ai).
const MARGIN: Duration = Duration::from_secs(300);
/// Longest wait for the exchange.
const PATIENCE: Duration = Duration::from_secs(20);
/// Accounts at most; the one used longest ago goes first.
const MOST: usize = 1_000;
/// Longest life that an answer is believed; Google gives an hour.
const LONGEST_LIFE: Duration = Duration::from_secs(12 * 3600);
/// Longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// The tokens of all accounts.
#[derive(Default)]
pub(crate) struct GoogleTokens {
    accounts: Mutex<Vec<Arc<Account>>>,
}

/// An account. Whole key files are compared, never names: who knows a name must not get the token of
/// who has the key.
struct Account {
    account: ServiceAccount,
    /// Held while one call asks for a token, so that the others wait for it.
    token: AsyncMutex<Option<Token>>,
}

struct Token {
    text: Secret<String>,
    until: Instant,
}

impl GoogleTokens {
    fn entry(&self, account: &ServiceAccount) -> Arc<Account> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = match accounts.iter().position(|known| known.account == *account) {
            Some(at) => accounts.remove(at),
            None => {
                let account = account.clone();
                Arc::new(Account { account, token: AsyncMutex::default() })
            }
        };
        if accounts.len() >= MOST {
            accounts.remove(0);
        }
        accounts.push(Arc::clone(&entry));
        entry
    }

    /// A token that is good for some minutes yet.
    pub(crate) async fn token(
        &self,
        shared: &Shared,
        account: &ServiceAccount,
    ) -> Result<Secret<String>, Error> {
        let entry = self.entry(account);
        // The wait for another call's question is part of the patience: when Google is silent,
        // waiting calls must fail together, not one after another.
        let asking = tokio::time::timeout(PATIENCE, entry.token(|| ask(shared, account)));
        asking.await.unwrap_or_else(|_| Err(failed("it does not answer")))
    }
}

impl Account {
    /// The token that is held, or a fresh one.
    async fn token<F: Future<Output = Result<Token, Error>>>(
        &self,
        ask: impl FnOnce() -> F,
    ) -> Result<Secret<String>, Error> {
        let mut held = self.token.lock().await;
        if let Some(token) = held.as_ref()
            && token.until > Instant::now()
        {
            return Ok(token.text.clone());
        }
        let fresh = ask().await?;
        let text = fresh.text.clone();
        *held = Some(fresh);
        Ok(text)
    }
}

fn failed(reason: &str) -> Error {
    Error::new(Kind::UpstreamFailed, NO_ANSWER)
        .with_hint(crate::diagnose::ascii(&format!("Google's token endpoint: {reason}")))
}

async fn ask(shared: &Shared, account: &ServiceAccount) -> Result<Token, Error> {
    let asked_at = Instant::now();
    let form = form(account, Timestamp::now()).map_err(super::unusable)?;
    let (origin, path) =
        Origin::of_url(&account.token_uri).map_err(|_| failed("its address is no URL"))?;
    let endpoint = shared.upstream.endpoint(&origin);
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let body = Bytes::from(form.expose().clone());
    let request = UpstreamRequest {
        method: Method::POST,
        path,
        headers,
        credentials: BoundTo::new(origin, Vec::new()),
        body: SendBody::whole(body.clone()),
        replay: Some(body),
    };
    let response = shared.upstream.send(&endpoint, request).await?;
    let status = response.status().as_u16();
    let bytes = response.into_body().whole(LONGEST).await.map_err(|unread| match unread {
        Unread::Broken(error) => failed("it broke off").because(error),
        Unread::TooLong => failed("its answer is too long"),
    })?;
    let token = read_token(status, &bytes).map_err(|failure| {
        let kind = if failure.status == 401 { Kind::KeyRejected } else { Kind::UpstreamFailed };
        Error::new(kind, "The service account got no access token")
            .with_hint(crate::diagnose::ascii(&failure.message))
    })?;
    Ok(Token { text: token.token, until: asked_at + life(token.expires_in) })
}

/// How long a token is used that is good for so many seconds, as somebody says who may be a stranger:
/// key files name the address.
fn life(seconds: u64) -> Duration {
    Duration::from_secs(seconds).min(LONGEST_LIFE).saturating_sub(MARGIN)
}

#[cfg(test)]
mod tests;
