//! The kinds of objects a configuration is made of. One line of the list at the end adds a kind
//! everywhere: to the tables, to the stores, to the audit trail.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::changes::Change;
use super::table::Table;
use crate::access::{CustomDomain, Issuer};
use crate::billing::BillingAccount;
use crate::budget::Budget;
use crate::evaluation::{Dataset, Evaluation};
use crate::gateway::Gateway;
use crate::id::{AccountId, GatewayId};
use crate::policy::Policy;
use crate::provider::{CustomProvider, PriceOverride, ProviderCost};
use crate::route::Route;
use crate::secrets::{ProviderConfig, SecretsStore, StoredSecret};
use crate::stop::Stop;
use crate::token::ApiToken;

/// An object that a store keeps, by account and id.
///
/// Its serde form is the stored form. A field added later needs a default; one that is no longer
/// known is passed over.
pub trait Resource: Serialize + DeserializeOwned + Send + Sync + Sized + 'static {
    /// What kind it is.
    const KIND: ObjectKind;
    /// Whose it is.
    fn account(&self) -> &AccountId;
    /// Its id: unique among the objects of its kind in its account.
    fn id(&self) -> &str;
    /// The gateway it belongs to and goes away with, if any.
    fn gateway(&self) -> Option<&GatewayId>;
    /// The table of its kind.
    fn table(configuration: &Configuration) -> &Table<Self>;
    /// The object without its type.
    fn into_object(self) -> Object;
}

/// Names one object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectKey {
    /// Its kind.
    pub kind: ObjectKind,
    /// Whose it is.
    pub account: AccountId,
    /// Its id.
    pub id: Arc<str>,
}

/// The field that names the gateway of an object, of kinds that always have one and of those that may.
trait Belongs {
    fn gateway(&self) -> Option<&GatewayId>;
}

impl Belongs for GatewayId {
    fn gateway(&self) -> Option<&GatewayId> {
        Some(self)
    }
}

impl Belongs for Option<GatewayId> {
    fn gateway(&self) -> Option<&GatewayId> {
        self.as_ref()
    }
}

macro_rules! kinds {
    ($($kind:ident $name:literal $table:ident $holds_secrets:literal [$($gateway:ident)?];)*) => {
        /// What an object is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ObjectKind {
            $(#[doc = $name] $kind,)*
        }

        impl ObjectKind {
            /// Every kind, in the order in which objects may be put: what refers comes after what
            /// it refers to.
            pub const EVERY: &[Self] = &[$(Self::$kind,)*];

            /// The stored word; also `resource_type` of audit records.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// Whether its stored form holds clear credentials, so that a store must seal it.
            pub const fn holds_secrets(self) -> bool {
                match self { $(Self::$kind => $holds_secrets,)* }
            }
        }

        /// An object of any kind. A cheap handle.
        #[derive(Clone, Debug)]
        pub enum Object {
            $(#[doc = $name] $kind(Arc<$kind>),)*
        }

        impl Object {
            /// Its kind.
            pub const fn kind(&self) -> ObjectKind {
                match self { $(Self::$kind(_) => ObjectKind::$kind,)* }
            }

            /// Its name.
            pub fn key(&self) -> ObjectKey {
                match self {
                    $(Self::$kind(object) => ObjectKey {
                        kind: ObjectKind::$kind,
                        account: object.account().clone(),
                        id: Arc::from(object.id()),
                    },)*
                }
            }

            /// The gateway it belongs to, if any.
            pub fn gateway(&self) -> Option<&GatewayId> {
                match self { $(Self::$kind(object) => object.gateway(),)* }
            }

            /// Its stored form. **Holds secrets** where the kind does.
            pub fn to_stored(&self) -> serde_json::Result<String> {
                match self { $(Self::$kind(object) => serde_json::to_string(&**object),)* }
            }

            /// Reads a stored form back.
            pub fn from_stored(kind: ObjectKind, text: &str) -> serde_json::Result<Self> {
                match kind {
                    $(ObjectKind::$kind => {
                        serde_json::from_str(text).map(|object| Self::$kind(Arc::new(object)))
                    })*
                }
            }

            /// Its stored form with every credential masked: what an audit record shows. Of a
            /// route's versions only the newest and the deployed one show their elements: the
            /// others are on record since they were made, and a history in every record would grow
            /// with its square.
            pub fn masked(&self) -> Value {
                let value = match self { $(Self::$kind(object) => serde_json::to_value(&**object),)* };
                let mut value = value.unwrap_or(Value::Null);
                if let Self::Route(route) = self {
                    route.leave_out_history(&mut value);
                }
                crate::mask::mask(&mut value);
                value
            }
        }

        $(impl Resource for $kind {
            const KIND: ObjectKind = ObjectKind::$kind;

            fn account(&self) -> &AccountId {
                &self.account_id
            }

            fn id(&self) -> &str {
                self.id.as_ref()
            }

            fn gateway(&self) -> Option<&GatewayId> {
                None $(.or(Belongs::gateway(&self.$gateway)))?
            }

            fn table(configuration: &Configuration) -> &Table<Self> {
                &configuration.$table
            }

            fn into_object(self) -> Object {
                Object::$kind(Arc::new(self))
            }
        })*

        /// Everything a configuration store holds, as of one generation.
        #[derive(Clone, Debug, Default)]
        pub struct Configuration {
            /// Rises by one with every commit.
            pub generation: u64,
            $(#[doc = concat!("Every ", $name, ".")] pub $table: Table<$kind>,)*
        }

        impl Configuration {
            /// Puts an object into its table.
            pub fn put(&mut self, object: &Object) {
                match object {
                    $(Object::$kind(object) => {
                        self.$table.put(object.account(), object.id(), Arc::clone(object));
                    })*
                }
            }

            /// One object without its type.
            pub fn find(&self, key: &ObjectKey) -> Option<Object> {
                match key.kind {
                    $(ObjectKind::$kind => {
                        self.$table.get(key.account.as_str(), &key.id).cloned().map(Object::$kind)
                    })*
                }
            }

            /// Every object, kind by kind in the order of [`ObjectKind::EVERY`].
            pub fn objects(&self) -> Vec<Object> {
                let mut all = Vec::new();
                $(all.extend(self.$table.iter().cloned().map(Object::$kind));)*
                all
            }

            fn remove(&mut self, key: &ObjectKey) {
                match key.kind {
                    $(ObjectKind::$kind => self.$table.remove(&key.account, &key.id),)*
                }
            }
        }
    };
}

kinds! {
    // Kind          stored word         table            secrets  gateway
    Gateway        "gateway"           gateways           true     [];
    SecretsStore   "secrets_store"     secrets_stores     false    [];
    StoredSecret   "secret"            secrets            false    [];
    CustomProvider "custom_provider"   custom_providers   true     [];
    ProviderCost   "provider_cost"     provider_costs     false    [];
    PriceOverride  "price"             price_overrides    false    [gateway_id];
    ProviderConfig "provider_config"   provider_configs   false    [gateway_id];
    Route          "route"             routes             false    [gateway_id];
    Policy         "policy"            policies           false    [gateway_id];
    Dataset        "dataset"           datasets           false    [gateway_id];
    Evaluation     "evaluation"        evaluations        false    [gateway_id];
    ApiToken       "token"             tokens             false    [];
    BillingAccount "billing_account"   billing_accounts   true     [];
    Budget         "budget"            budgets            false    [];
    Issuer         "issuer"            issuers            false    [];
    CustomDomain   "custom_domain"     custom_domains     false    [gateway_id];
    Stop           "stop"              stops              false    [];
}

impl ObjectKind {
    /// Reads a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::EVERY.iter().copied().find(|kind| kind.name() == word)
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Configuration {
    /// The state after `changes`.
    #[must_use]
    pub fn with(&self, changes: &[Change], generation: u64) -> Self {
        let mut next = Self { generation, ..self.clone() };
        for change in changes {
            match change {
                Change::Put(object) => next.put(object),
                Change::Delete(key) => next.remove(key),
            }
        }
        next
    }

    /// One object of a known kind.
    pub fn get<T: Resource>(&self, account: &AccountId, id: &str) -> Option<&Arc<T>> {
        T::table(self).get(account.as_str(), id)
    }

    /// The objects of an account.
    pub fn of<T: Resource>(&self, account: &AccountId) -> impl Iterator<Item = &Arc<T>> {
        T::table(self).of(account.as_str())
    }

    /// One object of a gateway.
    pub fn in_gateway<T: Resource>(&self, gateway: &Gateway, id: &str) -> Option<&Arc<T>> {
        let found = self.get::<T>(&gateway.account_id, id);
        found.filter(|object| object.gateway() == Some(&gateway.id))
    }

    /// The objects of a gateway.
    pub fn of_gateway<'a, T: Resource>(
        &'a self,
        gateway: &'a Gateway,
    ) -> impl Iterator<Item = &'a Arc<T>> {
        let of_account = T::table(self).of(gateway.account_id.as_str());
        of_account.filter(move |object| object.gateway() == Some(&gateway.id))
    }
}
