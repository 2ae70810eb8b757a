//! The kinds of objects in a document, and the places where they stand.

use std::fmt;

use weir_core::config::ObjectKind;

/// What an object is. In the order in which objects are made: what refers comes after what it
/// refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    SecretsStore,
    CustomProvider,
    Cost,
    /// Of the account, in place of the table's.
    Price,
    Gateway,
    /// The same for one gateway.
    GatewayPrice,
    ProviderConfig,
    Route,
    Policy,
    Dataset,
    Issuer,
    CustomDomain,
    Budget,
}

impl Kind {
    pub(crate) const EVERY: [Self; 13] = [
        Self::SecretsStore,
        Self::CustomProvider,
        Self::Cost,
        Self::Price,
        Self::Gateway,
        Self::GatewayPrice,
        Self::ProviderConfig,
        Self::Route,
        Self::Policy,
        Self::Dataset,
        Self::Issuer,
        Self::CustomDomain,
        Self::Budget,
    ];

    /// The table of a file that such objects stand in.
    pub(crate) const fn section(self) -> &'static str {
        match self {
            Self::SecretsStore => "secrets_stores",
            Self::CustomProvider => "custom_providers",
            Self::Cost => "costs",
            Self::Price | Self::GatewayPrice => "prices",
            Self::Gateway => "gateways",
            Self::ProviderConfig => "provider_configs",
            Self::Route => "routes",
            Self::Policy => "policies",
            Self::Dataset => "datasets",
            Self::Issuer => "issuers",
            Self::CustomDomain => "custom_domains",
            Self::Budget => "budgets",
        }
    }

    /// The kind of the object that it belongs to, if any.
    pub(crate) const fn parent(self) -> Option<Self> {
        match self {
            Self::SecretsStore
            | Self::CustomProvider
            | Self::Price
            | Self::Gateway
            | Self::Issuer
            | Self::Budget => None,
            Self::Cost => Some(Self::CustomProvider),
            Self::GatewayPrice
            | Self::ProviderConfig
            | Self::Route
            | Self::Policy
            | Self::Dataset
            | Self::CustomDomain => Some(Self::Gateway),
        }
    }

    /// The kinds that belong to objects of this one.
    pub(crate) fn children(self) -> impl Iterator<Item = Self> {
        Self::EVERY.into_iter().filter(move |kind| kind.parent() == Some(self))
    }

    /// The field that holds the name, where several objects may have the same one: then the place
    /// is named otherwise, and the field says the name.
    pub(crate) const fn name_field(self) -> Option<&'static str> {
        match self {
            Self::Cost => Some("model"),
            Self::Policy => Some("name"),
            _ => None,
        }
    }

    /// What the configuration store calls it.
    pub(crate) const fn stored(self) -> ObjectKind {
        match self {
            Self::SecretsStore => ObjectKind::SecretsStore,
            Self::CustomProvider => ObjectKind::CustomProvider,
            Self::Cost => ObjectKind::ProviderCost,
            Self::Price | Self::GatewayPrice => ObjectKind::PriceOverride,
            Self::Gateway => ObjectKind::Gateway,
            Self::ProviderConfig => ObjectKind::ProviderConfig,
            Self::Route => ObjectKind::Route,
            Self::Policy => ObjectKind::Policy,
            Self::Dataset => ObjectKind::Dataset,
            Self::Issuer => ObjectKind::Issuer,
            Self::CustomDomain => ObjectKind::CustomDomain,
            Self::Budget => ObjectKind::Budget,
        }
    }
}

/// Where an object stands in a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) kind: Kind,
    /// Name of the object that it belongs to, if any.
    pub(crate) parent: Option<String>,
    /// Its own name.
    pub(crate) name: String,
}

impl Place {
    /// A place that belongs to no other.
    pub(crate) fn top(kind: Kind, name: &str) -> Self {
        Self { kind, parent: None, name: name.to_owned() }
    }

    /// A place within the object named `parent`.
    pub(crate) fn within(parent: &str, kind: Kind, name: &str) -> Self {
        Self { kind, parent: Some(parent.to_owned()), name: name.to_owned() }
    }

    /// The place that it belongs to, if any.
    pub(crate) fn parent(&self) -> Option<Self> {
        Some(Self::top(self.kind.parent()?, self.parent.as_deref()?))
    }

    /// Name of the object that it belongs to, or nothing.
    pub(crate) fn parent_name(&self) -> &str {
        self.parent.as_deref().unwrap_or_default()
    }
}

/// As the header of a table in the file.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(kind), Some(parent)) = (self.kind.parent(), &self.parent) {
            write!(f, "{}.{}.", kind.section(), super::text::key(parent))?;
        }
        write!(f, "{}.{}", self.kind.section(), super::text::key(&self.name))
    }
}
