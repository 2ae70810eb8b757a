//! Reading a document out of a management API, this installation's or another one's.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};

use super::api::{Api, CallError, rows, segment, unreadable};
use super::names::tell_apart;
use super::normal::normal;
use super::vocabulary::{ISSUER, SECRET, STORE, Vocabulary};
use super::{Document, Fields, Kind, Place};

/// An account as found.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    /// Every object in its normal form.
    pub(crate) document: Document,
    /// The ids by which the API calls them.
    pub(crate) ids: BTreeMap<Place, String>,
    /// Ids of stored secrets, by `STORE/NAME`.
    pub(crate) secrets: BTreeMap<String, String>,
    /// What is there and not in the document.
    pub(crate) left: Vec<String>,
}

/// Reads everything. With `lenient`, what the other side does not show is noted in
/// [`Observed::left`]; otherwise it is an error.
pub(crate) async fn observe(
    api: &dyn Api,
    account: &str,
    vocabulary: &Vocabulary,
    lenient: bool,
) -> Result<Observed, CallError> {
    let mut observing = Observing { api, account, vocabulary, lenient, found: Observed::default() };
    let stores = observing.stores().await?;
    observing.custom_providers().await?;
    observing.prices(None).await?;
    observing.gateways(&stores).await?;
    let issuers = observing.issuers().await?;
    observing.custom_domains(&issuers).await?;
    observing.budgets().await?;
    // The order in which a server lists things says nothing.
    observing.found.left.sort();
    observing.found.left.dedup();
    observing.found.document.account = Some(account.to_owned());
    Ok(observing.found)
}

struct Observing<'a> {
    api: &'a dyn Api,
    account: &'a str,
    vocabulary: &'a Vocabulary,
    lenient: bool,
    found: Observed,
}

/// A row on its way into the document.
struct Found {
    place: Place,
    id: String,
    fields: Fields,
}

impl Observing<'_> {
    async fn list(&mut self, path: &str, about: &str) -> Result<Vec<Value>, CallError> {
        match rows(self.api, path).await {
            Err(error @ CallError::Refused { status: 400..=499, .. }) if self.lenient => {
                self.found.left.push(format!("{about}: the other side {error}"));
                Ok(Vec::new())
            }
            other => other,
        }
    }

    /// A list of Weir's own, which no other server need have.
    async fn own_list(&mut self, name: &str) -> Result<Vec<Value>, CallError> {
        let path = format!("/accounts/{}/ai-gateway/{name}", segment(self.account));
        match rows(self.api, &path).await {
            Err(CallError::Refused { status: 400..=499, .. }) if self.lenient => Ok(Vec::new()),
            other => other,
        }
    }

    /// Issuers; gives their names by id.
    async fn issuers(&mut self) -> Result<BTreeMap<String, String>, CallError> {
        let mut issuers = BTreeMap::new();
        for row in self.own_list("issuers").await? {
            let (id, name) = (text(&row, "id"), text(&row, "name"));
            let place = Place::top(Kind::Issuer, &name);
            let fields = self.fields(&place, &row);
            self.add(Found { place, id: id.clone(), fields });
            issuers.insert(id, name);
        }
        Ok(issuers)
    }

    async fn custom_domains(
        &mut self,
        issuers: &BTreeMap<String, String>,
    ) -> Result<(), CallError> {
        for row in self.own_list("custom-domains").await? {
            let (gateway, hostname) = (text(&row, "gateway_id"), text(&row, "hostname"));
            let place = Place::within(&gateway, Kind::CustomDomain, &hostname);
            let mut fields = self.fields(&place, &row);
            if let Some(issuer) = row["issuer_id"].as_str() {
                let name = issuers.get(issuer).map_or(issuer, String::as_str);
                fields.insert(ISSUER.to_owned(), name.into());
            }
            self.add(Found { place, id: text(&row, "id"), fields });
        }
        Ok(())
    }

    async fn budgets(&mut self) -> Result<(), CallError> {
        for row in self.own_list("budgets").await? {
            let place = Place::top(Kind::Budget, &text(&row, "name"));
            let fields = self.fields(&place, &row);
            self.add(Found { place, id: text(&row, "id"), fields });
        }
        Ok(())
    }

    /// Secrets stores; gives their names by id.
    async fn stores(&mut self) -> Result<BTreeMap<String, String>, CallError> {
        let path = format!("/accounts/{}/secrets_store/stores", segment(self.account));
        let mut stores = BTreeMap::new();
        for store in self.list(&path, "secrets stores").await? {
            let (id, name) = (text(&store, "id"), text(&store, "name"));
            let secrets = self.list(&format!("{path}/{}/secrets", segment(&id)), &name).await?;
            for secret in secrets {
                let full = format!("{name}/{}", text(&secret, "name"));
                if self.lenient {
                    self.found.left.push(format!("secret {full}: its value is not told"));
                }
                self.found.secrets.insert(full, text(&secret, "id"));
            }
            self.add(Found {
                place: Place::top(Kind::SecretsStore, &name),
                id: id.clone(),
                fields: Fields::new(),
            });
            stores.insert(id, name);
        }
        Ok(stores)
    }

    async fn custom_providers(&mut self) -> Result<(), CallError> {
        let path = format!("/accounts/{}/ai-gateway/custom-providers", segment(self.account));
        let mut slugs = BTreeMap::new();
        for row in self.list(&path, "custom providers").await? {
            let slug = text(&row, "slug");
            let place = Place::top(Kind::CustomProvider, &slug);
            let mut fields = self.fields(&place, &row);
            from_text(&mut fields, "headers");
            // An empty text and none mean the same, and so do no headers.
            fields.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
            slugs.insert(text(&row, "id"), slug);
            self.add(Found { place, id: text(&row, "id"), fields });
        }
        let mut costs = Vec::new();
        for row in self.list(&format!("{path}/costs"), "costs of custom providers").await? {
            let provider = text(&row, "account_provider_id");
            let Some(slug) = slugs.get(&provider) else {
                let model = text(&row, "model");
                self.found.left.push(format!("the price of {model}: its provider is not there"));
                continue;
            };
            let place = Place::within(slug, Kind::Cost, &text(&row, "model"));
            let mut fields = self.fields(&place, &row);
            from_text(&mut fields, "token_pricing");
            costs.push(Found { place, id: text(&row, "id"), fields });
        }
        self.add_all(costs);
        Ok(())
    }

    /// The prices of the account, or of a gateway.
    async fn prices(&mut self, gateway: Option<&str>) -> Result<(), CallError> {
        let account = format!("/accounts/{}/ai-gateway", segment(self.account));
        let (path, prefix) = match gateway {
            None => (format!("{account}/pricing?source=account"), String::new()),
            Some(gateway) => {
                let path =
                    format!("{account}/gateways/{}/pricing?source=gateway", segment(gateway));
                (path, format!("{gateway}:"))
            }
        };
        let rows = match rows(self.api, &path).await {
            // The original has no prices of one's own, so there is nothing to leave behind.
            Err(CallError::Refused { status: 404 | 405, .. }) if self.lenient => return Ok(()),
            Err(error @ CallError::Refused { status: 400..=499, .. }) if self.lenient => {
                self.found.left.push(format!("prices: the other side {error}"));
                return Ok(());
            }
            other => other?,
        };
        for row in rows {
            let id = text(&row, "id");
            let name = id.strip_prefix(&prefix).unwrap_or(&id);
            let place = match gateway {
                None => Place::top(Kind::Price, name),
                Some(gateway) => Place::within(gateway, Kind::GatewayPrice, name),
            };
            let fields = self.fields(&place, &row);
            self.add(Found { place, id, fields });
        }
        Ok(())
    }

    async fn gateways(&mut self, stores: &BTreeMap<String, String>) -> Result<(), CallError> {
        let path = format!("/accounts/{}/ai-gateway/gateways", segment(self.account));
        for row in rows(self.api, &path).await? {
            let id = text(&row, "id");
            let place = Place::top(Kind::Gateway, &id);
            let mut fields = self.fields(&place, &row);
            if let Some(store) = row["store_id"].as_str() {
                let name = stores.get(store).map_or(store, String::as_str);
                fields.insert(STORE.to_owned(), name.into());
            }
            self.add(Found { place, id: id.clone(), fields });
            let within = format!("{path}/{}", segment(&id));
            self.prices(Some(&id)).await?;
            self.provider_configs(&within, &id).await?;
            self.routes(&within, &id).await?;
            self.policies(&within, &id).await?;
            self.datasets(&within, &id).await?;
        }
        Ok(())
    }

    async fn provider_configs(&mut self, path: &str, gateway: &str) -> Result<(), CallError> {
        let about = format!("provider configs of gateway {gateway}");
        for row in self.list(&format!("{path}/provider_configs"), &about).await? {
            let name = format!("{}/{}", text(&row, "provider_slug"), text(&row, "alias"));
            let place = Place::within(gateway, Kind::ProviderConfig, &name);
            let mut fields = self.fields(&place, &row);
            // Older servers say 0 and 1 (spec: management-api 6).
            if let Some(number) = fields.get("default_config").and_then(Value::as_u64) {
                fields.insert("default_config".to_owned(), (number == 1).into());
            }
            let secret = text(&row, "secret_id");
            let named = self.found.secrets.iter().find(|(_, id)| **id == secret);
            let named = named.map_or(secret.clone(), |(name, _)| name.clone());
            fields.insert(SECRET.to_owned(), named.into());
            self.add(Found { place, id: text(&row, "id"), fields });
        }
        Ok(())
    }

    async fn routes(&mut self, path: &str, gateway: &str) -> Result<(), CallError> {
        let about = format!("routes of gateway {gateway}");
        let path = format!("{path}/routes");
        for row in self.list(&path, &about).await? {
            let (id, name) = (text(&row, "id"), text(&row, "name"));
            let place = Place::within(gateway, Kind::Route, &name);
            let version = self.deployed(&format!("{path}/{}", segment(&id)), row).await?;
            let mut fields = Fields::from_iter([("elements".to_owned(), version.elements)]);
            if !version.comment.is_empty() {
                fields.insert("comment".to_owned(), version.comment.into());
            }
            self.add(Found { place, id, fields });
        }
        Ok(())
    }

    /// The version in force, which need not be the newest one.
    async fn deployed(&self, path: &str, mut route: Value) -> Result<Version, CallError> {
        let id = text(&route["deployment"], "version_id");
        if id == text(&route["version"], "version_id")
            && let Some(version) = Version::read(route["version"].take())
        {
            return Ok(version);
        }
        let path = format!("{path}/versions/{}", segment(&id));
        let mut answer = self.api.call(Method::GET, &path, None).await?;
        let version = Version::read(answer["result"].take());
        version.ok_or_else(|| unreadable(&path, "has no elements"))
    }

    /// What is in force. Drafts are noted.
    async fn policies(&mut self, path: &str, gateway: &str) -> Result<(), CallError> {
        let about = format!("policies of gateway {gateway}");
        let is_draft = |row: &Value| row["staging"] == json!(true);
        let path = format!("{path}/policies");
        let mut policies = Vec::new();
        for row in self.list(&path, &about).await?.into_iter().filter(|row| !is_draft(row)) {
            let place = Place::within(gateway, Kind::Policy, &text(&row, "name"));
            let fields = self.fields(&place, &row);
            policies.push(Found { place, id: text(&row, "id"), fields });
        }
        self.add_all(policies);
        let staged = self.list(&format!("{path}?includeStaging=true"), &about).await?;
        for row in staged.into_iter().filter(is_draft) {
            let name = text(&row, "name");
            self.found.left.push(format!("the draft of policy {name} of gateway {gateway}"));
        }
        Ok(())
    }

    async fn datasets(&mut self, path: &str, gateway: &str) -> Result<(), CallError> {
        let about = format!("datasets of gateway {gateway}");
        for row in self.list(&format!("{path}/datasets"), &about).await? {
            let place = Place::within(gateway, Kind::Dataset, &text(&row, "name"));
            let fields = self.fields(&place, &row);
            self.add(Found { place, id: text(&row, "id"), fields });
        }
        Ok(())
    }

    /// The fields of a row that a document may have. Notes those that nobody here knows.
    fn fields(&mut self, place: &Place, row: &Value) -> Fields {
        let mut fields = Fields::new();
        for name in self.vocabulary.names(place.kind) {
            if let Some(value) = row.get(name) {
                fields.insert(name.to_owned(), value.clone());
            }
        }
        for (name, value) in row.as_object().into_iter().flatten() {
            let says_nothing = value.is_null() || *value == json!(false);
            if self.lenient
                && !says_nothing
                && !fields.contains_key(name)
                && !self.vocabulary.is_shown(place.kind, name)
            {
                let text = format!("{place}.{name} = {}", super::text::value(value));
                self.found.left.push(format!("{text}: there is no such setting here"));
            }
        }
        fields
    }

    fn add(&mut self, found: Found) {
        let Found { place, id, fields } = found;
        self.found.document.objects.insert(place.clone(), normal(place.kind, &fields));
        self.found.ids.insert(place, id);
    }

    /// Adds objects whose names need not be unique.
    fn add_all(&mut self, all: Vec<Found>) {
        let all = all.into_iter().map(|found| (found.place, found.fields, found.id)).collect();
        for (place, fields, id) in tell_apart(all) {
            self.add(Found { place, id, fields });
        }
    }
}

/// A version of a route.
struct Version {
    elements: Value,
    comment: String,
}

impl Version {
    /// Reads the elements out of their JSON text, or as they stand.
    fn read(mut version: Value) -> Option<Self> {
        let comment = text(&version, "comment");
        let data = version["data"].as_str().and_then(|data| serde_json::from_str(data).ok());
        let elements = data.unwrap_or_else(|| version["elements"].take());
        elements.is_array().then_some(Self { elements, comment })
    }
}

fn text(row: &Value, name: &str) -> String {
    match &row[name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// A field that the API gives as JSON in a text.
fn from_text(fields: &mut Fields, name: &str) {
    if let Some(Value::String(text)) = fields.get(name) {
        let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str()));
        fields.insert(name.to_owned(), value);
    }
}
