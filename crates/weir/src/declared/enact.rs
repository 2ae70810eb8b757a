//! Making objects so, by calls to the API of a rehearsal.

mod body;
mod mask;

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};
use weir_core::audit::Actor;
use weir_core::config::{Changes, Configuration};
use weir_core::live::ChangeError;
use weir_core::secrets::ProviderConfig;
use weir_core::{AccountId, Timestamp};

use self::body::{body, changed_body};
use super::api::{Api, CallError, segment};
use super::normal::{DEFAULT_PERIOD, complete, settle_rules};
use super::text::key;
use super::vocabulary::{ISSUER, SECRET, STORE};
use super::{Fields, Kind, Observed, Place, Rehearsal};
use crate::config::Problem;

/// A rehearsal, and the ids of what is in it.
pub(super) struct Stage<'a> {
    rehearsal: &'a Rehearsal,
    account: AccountId,
    ids: BTreeMap<Place, String>,
    secrets: BTreeMap<String, String>,
}

/// What became of an object.
#[derive(Debug, PartialEq)]
pub(super) enum Enacted {
    Done,
    /// It cannot be made yet: this secret is not stored here.
    Waits(String),
}

impl<'a> Stage<'a> {
    pub(super) fn new(rehearsal: &'a Rehearsal, account: &str, observed: &Observed) -> Self {
        let (ids, secrets) = (observed.ids.clone(), observed.secrets.clone());
        Self { rehearsal, account: account.into(), ids, secrets }
    }

    /// Whether an object is there, from before or made by now.
    pub(super) fn knows(&self, place: &Place) -> bool {
        self.ids.contains_key(place)
    }

    /// Makes an object as `fields` say; `former` is what it is now, if it is there.
    pub(super) async fn put(
        &mut self,
        place: &Place,
        fields: &Fields,
        former: Option<&Fields>,
    ) -> Result<Enacted, Vec<Problem>> {
        let mut fields = complete(place.kind, fields);
        settle_rules(&mut fields, former.unwrap_or(&Fields::new()));
        let unknown = mask::without_original(place.kind, &fields, former);
        if !unknown.is_empty() {
            let message = "stands for a credential that is not stored here: write the credential, \
                           or leave the field out";
            let problem = |path: String| Problem::new(format!("{place}.{path}"), message);
            return Err(unknown.into_iter().map(problem).collect());
        }
        let enacted = match former {
            None => self.create(place, &fields).await,
            Some(former) => self.change(place, &fields, former).await,
        };
        enacted.map_err(|error| problems(place, error))
    }

    async fn create(&mut self, place: &Place, fields: &Fields) -> Result<Enacted, CallError> {
        let mut body = body(place, fields);
        if place.kind == Kind::ProviderConfig {
            let wanted = fields.get(SECRET).and_then(Value::as_str).unwrap_or_default();
            let Some(id) = self.secrets.get(wanted) else {
                return Ok(Enacted::Waits(wanted.to_owned()));
            };
            body["secret_id"] = id.as_str().into();
        }
        self.resolve(place, fields, &mut body);
        if is_price(place) {
            return self.set_price(place, body).await;
        }
        let mut path = self.list_of(place);
        if place.kind == Kind::Policy {
            path.push_str("?commit=true");
        }
        let answer = self.rehearsal.call(Method::POST, &path, Some(&body)).await?;
        let id = match &answer["result"]["id"] {
            Value::String(id) => id.clone(),
            _ => return Err(super::api::unreadable(&path, "has no id")),
        };
        self.ids.insert(place.clone(), id);
        Ok(Enacted::Done)
    }

    async fn change(
        &mut self,
        place: &Place,
        fields: &Fields,
        former: &Fields,
    ) -> Result<Enacted, CallError> {
        let mut body = changed_body(place, fields, former);
        self.resolve(place, fields, &mut body);
        let path = self.one(place);
        let method = match place.kind {
            // It has a name and nothing else.
            Kind::SecretsStore => return Ok(Enacted::Done),
            Kind::ProviderConfig => return self.change_provider_config(place, fields).await,
            Kind::Route => return self.deploy(&path, &body).await,
            // A row takes the place of the one before it.
            Kind::Price | Kind::GatewayPrice => {
                let row = self::body::body(place, fields);
                return self.set_price(place, row).await;
            }
            Kind::CustomProvider | Kind::Cost => Method::PATCH,
            Kind::Gateway
            | Kind::Policy
            | Kind::Dataset
            | Kind::Issuer
            | Kind::CustomDomain
            | Kind::Budget => Method::PUT,
        };
        let mark = if place.kind == Kind::Policy { "?commit=true" } else { "" };
        self.rehearsal.call(method, &format!("{path}{mark}"), Some(&body)).await?;
        Ok(Enacted::Done)
    }

    /// Sets a price, whose name in the file says for which model and from which day on.
    async fn set_price(&mut self, place: &Place, row: Value) -> Result<Enacted, CallError> {
        let path = self.list_of(place);
        let answer =
            self.rehearsal.call(Method::PUT, &path, Some(&json!({ "models": [row] }))).await?;
        let id = answer["result"][0]["id"].as_str().unwrap_or_default();
        let name = match &place.parent {
            Some(gateway) => id.strip_prefix(&format!("{gateway}:")).unwrap_or(id),
            None => id,
        };
        if name != place.name {
            let message = format!("the name of this price is {}", key(name));
            return Err(CallError::Refused {
                status: 400,
                errors: vec![super::api::ApiMessage { message, path: Vec::new() }],
            });
        }
        self.ids.insert(place.clone(), id.to_owned());
        Ok(Enacted::Done)
    }

    /// A new version of a route, put in force.
    async fn deploy(&self, path: &str, body: &Value) -> Result<Enacted, CallError> {
        let version = json!({ "elements": body["elements"], "comment": body["comment"] });
        let call = |list: &str, body: Value| {
            let path = format!("{path}/{list}");
            async move { self.rehearsal.call(Method::POST, &path, Some(&body)).await }
        };
        let made = call("versions", version).await?;
        let version = &made["result"]["version_id"];
        call("deployments", json!({ "version_id": version })).await?;
        Ok(Enacted::Done)
    }

    /// The API exchanges the secret of a configuration and nothing else, so this is done beside it.
    async fn change_provider_config(
        &self,
        place: &Place,
        fields: &Fields,
    ) -> Result<Enacted, CallError> {
        let wanted = fields.get(SECRET).and_then(Value::as_str).unwrap_or_default();
        let Some(secret) = self.secrets.get(wanted) else {
            return Ok(Enacted::Waits(wanted.to_owned()));
        };
        let refuse = |name: &str, message: &str| CallError::Refused {
            status: 400,
            errors: vec![super::api::ApiMessage {
                message: format!("{name} {message}"),
                path: vec!["body".to_owned(), name.to_owned()],
            }],
        };
        let count = |name: &str| match fields.get(name).unwrap_or(&Value::Null) {
            Value::Null => Ok(None),
            value => value.as_u64().map(Some).ok_or_else(|| refuse(name, "must be a count")),
        };
        let default_config = fields.get("default_config").and_then(Value::as_bool);
        let default_config =
            default_config.ok_or_else(|| refuse("default_config", "must be true or false"))?;
        let (rate_limit, rate_limit_period) = (count("rate_limit")?, count("rate_limit_period")?);
        let rate_limit_period = rate_limit_period.or(rate_limit.map(|_| DEFAULT_PERIOD));
        let weight = match count("weight")?.map(u32::try_from) {
            None => None,
            Some(Ok(weight)) if weight <= 1000 => Some(weight),
            Some(_) => return Err(refuse("weight", "must be from 0 to 1000")),
        };
        let pool = match fields.get("pool").unwrap_or(&Value::Null) {
            Value::Null => None,
            Value::String(pool) => Some(pool.clone()),
            _ => return Err(refuse("pool", "must be the alias of a key")),
        };
        let id = self.id(place);
        let edit = |now: &Configuration, changes: &mut Changes| {
            let Some(present) = now.get::<ProviderConfig>(&self.account, id) else { return Ok(()) };
            let at = Timestamp::now();
            let others = now.of::<ProviderConfig>(&self.account).filter(|other| {
                other.gateway_id == present.gateway_id
                    && other.provider_slug == present.provider_slug
                    && other.id != present.id
            });
            // At most one of a provider's configurations is its default.
            for other in others.filter(|other| default_config && other.default_config) {
                let other = (**other).clone();
                changes.put(ProviderConfig { default_config: false, modified_at: at, ..other });
            }
            let is_other_secret = *present.secret_id != **secret;
            changes.put(ProviderConfig {
                default_config,
                rate_limit,
                rate_limit_period,
                pool: pool.clone(),
                weight,
                secret_id: secret.as_str().into(),
                owns_secret: present.owns_secret && !is_other_secret,
                modified_at: at,
                ..(**present).clone()
            });
            Ok::<(), std::convert::Infallible>(())
        };
        match self.rehearsal.live().change(&Actor::system("rehearsal"), edit).await {
            Ok(()) => Ok(Enacted::Done),
            Err(ChangeError::Refused(never)) => match never {},
            Err(ChangeError::Store(error)) => Err(CallError::Failed(error.into())),
        }
    }

    /// Deletes an object that is there.
    pub(super) async fn delete(&mut self, place: &Place) -> Result<(), Vec<Problem>> {
        let path = if is_price(place) {
            format!("{}?id={}", self.list_of(place), segment(self.id(place)))
        } else {
            self.one(place)
        };
        let deleted = self.rehearsal.call(Method::DELETE, &path, None).await;
        deleted.map(|_| ()).map_err(|error| problems(place, error))
    }

    /// Puts ids in the place of names.
    fn resolve(&self, place: &Place, fields: &Fields, body: &mut Value) {
        match place.kind {
            Kind::Gateway => {
                let store = fields.get(STORE).and_then(Value::as_str);
                let known = store.and_then(|name| {
                    self.ids.get(&Place::top(Kind::SecretsStore, name)).map(String::as_str)
                });
                body["store_id"] = known.or(store).map_or(Value::Null, Value::from);
            }
            Kind::CustomDomain => {
                let issuer = fields.get(ISSUER).and_then(Value::as_str);
                let known = issuer.and_then(|name| {
                    self.ids.get(&Place::top(Kind::Issuer, name)).map(String::as_str)
                });
                body["issuer_id"] = known.or(issuer).map_or(Value::Null, Value::from);
            }
            Kind::Cost => {
                if let Some(parent) = place.parent() {
                    body["account_provider_id"] = self.id(&parent).into();
                }
            }
            _ => {}
        }
    }

    fn id(&self, place: &Place) -> &str {
        self.ids.get(place).map(String::as_str).unwrap_or_default()
    }

    fn list_of(&self, place: &Place) -> String {
        let account = format!("/accounts/{}", segment(self.account.as_str()));
        match place.kind {
            Kind::SecretsStore => format!("{account}/secrets_store/stores"),
            Kind::CustomProvider => format!("{account}/ai-gateway/custom-providers"),
            Kind::Cost => format!("{account}/ai-gateway/custom-providers/costs"),
            Kind::Price => format!("{account}/ai-gateway/pricing"),
            Kind::Gateway => format!("{account}/ai-gateway/gateways"),
            Kind::Issuer => format!("{account}/ai-gateway/issuers"),
            Kind::CustomDomain => format!("{account}/ai-gateway/custom-domains"),
            Kind::Budget => format!("{account}/ai-gateway/budgets"),
            Kind::GatewayPrice => {
                let gateway = segment(place.parent_name());
                format!("{account}/ai-gateway/gateways/{gateway}/pricing")
            }
            Kind::ProviderConfig | Kind::Route | Kind::Policy | Kind::Dataset => {
                let gateway = segment(place.parent_name());
                format!("{account}/ai-gateway/gateways/{gateway}/{}", place.kind.section())
            }
        }
    }

    fn one(&self, place: &Place) -> String {
        format!("{}/{}", self.list_of(place), segment(self.id(place)))
    }
}

/// Whether it stands for a price, which is set as one of a list.
fn is_price(place: &Place) -> bool {
    matches!(place.kind, Kind::Price | Kind::GatewayPrice)
}

/// A refusal, as problems of the file.
fn problems(place: &Place, error: CallError) -> Vec<Problem> {
    let errors = match error {
        CallError::Refused { errors, .. } if !errors.is_empty() => errors,
        other => return vec![Problem::new(place.to_string(), other.to_string())],
    };
    let problem = |error: super::api::ApiMessage| {
        let mut path = place.to_string();
        // The first part says that it is about the body; a price is in a list in there.
        let skipped = if is_price(place) { 3 } else { 1 };
        for part in error.path.iter().skip(skipped) {
            match part.as_str() {
                "store_id" => path.push_str(&format!(".{STORE}")),
                "secret_id" => path.push_str(&format!(".{SECRET}")),
                "issuer_id" => path.push_str(&format!(".{ISSUER}")),
                part if part.bytes().all(|byte| byte.is_ascii_digit()) => {
                    path.push_str(&format!("[{part}]"));
                }
                part => path.push_str(&format!(".{}", key(part))),
            }
        }
        Problem::new(path, error.message)
    };
    errors.into_iter().map(problem).collect()
}
