//! Filters over log rows (spec: management-api 4.2, observability 1.6), with the one definition of
//! what each of them means: stores may be faster, not different.

use std::cmp::Ordering;

use crate::clock::Timestamp;
use crate::cost::Cost;
use crate::store::StoredLog;

/// All conditions hold, and the metadata holds the searched text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogFilter {
    /// Conditions, joined with AND.
    pub conditions: Vec<Condition>,
    /// Part of the metadata's text; empty asks for nothing.
    pub search: String,
}

/// One condition. Values are joined with OR; for [`Operator::Neq`], none of them may hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What is compared.
    pub field: LogField,
    /// How.
    pub operator: Operator,
    /// With what.
    pub values: Vec<FilterValue>,
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal. Holds for a field without a value, unless the value compared with is null.
    Neq,
    /// Holds the text, case-sensitive.
    Contains,
    /// Less. Never holds for a field without a value; nor do the next three.
    Lt,
    /// Greater.
    Gt,
    /// Less or equal.
    Lte,
    /// Greater or equal.
    Gte,
}

/// A value to compare with, of the type of its field.
#[derive(Clone, Debug, PartialEq)]
pub enum FilterValue {
    /// No value.
    Null,
    /// For [`FieldType::Text`].
    Text(String),
    /// For [`FieldType::Number`]; dollars for cost.
    Number(f64),
    /// For [`FieldType::Flag`].
    Flag(bool),
    /// For [`FieldType::Time`].
    Time(Timestamp),
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// A moment.
    Time,
}

macro_rules! fields {
    ($($field:ident $name:literal $kind:ident;)*) => {
        /// A field of a log row that filters know.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum LogField {
            $(#[doc = $name] $field,)*
            /// `metadata.<name>`: the value under one name of the metadata, as text.
            Metadata(String),
        }

        impl LogField {
            /// The published keys.
            pub const NAMES: &[&str] = &[$($name,)*];

            /// Reads a published key.
            pub fn parse(key: &str) -> Option<Self> {
                match key {
                    $($name => Some(Self::$field),)*
                    other => {
                        let name = other.strip_prefix("metadata.")?;
                        (!name.is_empty()).then(|| Self::Metadata(name.to_owned()))
                    }
                }
            }

            /// What it holds.
            pub const fn kind(&self) -> FieldType {
                match self {
                    $(Self::$field => FieldType::$kind,)*
                    Self::Metadata(_) => FieldType::Text,
                }
            }
        }
    };
}

fields! {
    Id "id" Text;
    EventId "event_id" Text;
    RequestId "request_id" Text;
    CreatedAt "created_at" Time;
    Provider "provider" Text;
    Model "model" Text;
    ModelType "model_type" Text;
    RequestType "request_type" Text;
    RequestContentType "request_content_type" Text;
    ResponseContentType "response_content_type" Text;
    UserAgent "user_agent" Text;
    KeyId "key_id" Text;
    FinishReason "finish_reason" Text;
    ErrorCode "error.code" Text;
    DlpAction "dlp_action" Text;
    Success "success" Flag;
    Cached "cached" Flag;
    Authentication "authentication" Flag;
    Wholesale "wholesale" Flag;
    Byok "byok" Flag;
    Stream "stream" Flag;
    CompatibilityMode "compatibilityMode" Flag;
    Cost "cost" Number;
    Tokens "tokens" Number;
    TokensIn "tokens_in" Number;
    TokensOut "tokens_out" Number;
    Duration "duration" Number;
    TtftMs "ttft_ms" Number;
    StatusCode "status_code" Number;
    Step "step" Number;
    Feedback "feedback" Number;
    Score "score" Number;
    MetadataKey "metadata.key" Text;
    MetadataValue "metadata.value" Text;
    // Of the original's prompt library, which is gone: known, and matching nothing.
    PromptId "prompts.prompt_id" Text;
    PromptVersionId "prompts.version_id" Text;
}

impl LogFilter {
    /// Whether it lets every row pass.
    pub const fn is_empty(&self) -> bool {
        self.conditions.is_empty() && self.search.is_empty()
    }

    /// Whether a row passes.
    pub fn matches(&self, row: &StoredLog) -> bool {
        let metadata = row.record.metadata.as_deref().unwrap_or_default();
        (self.search.is_empty() || metadata.contains(&self.search))
            && self.conditions.iter().all(|condition| condition.matches(row))
    }
}

impl Condition {
    /// Whether a row passes.
    pub fn matches(&self, row: &StoredLog) -> bool {
        let found = values_of(row, &self.field);
        let any = |operator| {
            self.values.iter().any(|wanted| match wanted {
                FilterValue::Null => operator == Operator::Eq && found.is_empty(),
                wanted => found.iter().any(|value| value.compares(operator, wanted)),
            })
        };
        match self.operator {
            Operator::Neq => !any(Operator::Eq),
            operator => any(operator),
        }
    }
}

/// What a row holds in a field: nothing, one value, or (for metadata) several.
fn values_of(row: &StoredLog, field: &LogField) -> Vec<FilterValue> {
    let record = &row.record;
    let text = |value: &str| vec![FilterValue::Text(value.to_owned())];
    let maybe_text = |value: Option<&str>| value.map(text).unwrap_or_default();
    let flag = |value| vec![FilterValue::Flag(value)];
    let number = |value: Option<f64>| value.map(FilterValue::Number).into_iter().collect();
    #[expect(clippy::cast_precision_loss, reason = "token counts stay far below 2^53")]
    let tokens = |value: Option<u64>| number(value.map(|count| count as f64));
    match field {
        LogField::Id => text(&record.id.to_string()),
        LogField::RequestId => text(&record.request_id.to_string()),
        LogField::EventId => match &record.event_id {
            Some(chosen) => text(chosen),
            None => text(&record.request_id.to_string()),
        },
        LogField::CreatedAt => vec![FilterValue::Time(record.created_at)],
        LogField::Provider => text(record.provider.as_str()),
        LogField::Model => text(&record.model),
        LogField::ModelType => maybe_text(record.model_type),
        LogField::RequestType => text(record.request_type),
        LogField::RequestContentType => maybe_text(record.request_content_type.as_deref()),
        LogField::ResponseContentType => maybe_text(record.response_content_type.as_deref()),
        LogField::UserAgent => maybe_text(record.user_agent.as_deref()),
        LogField::KeyId => maybe_text(record.key_id.as_deref()),
        LogField::FinishReason => maybe_text(record.finish_reason.as_deref()),
        LogField::ErrorCode => maybe_text(record.error.as_ref().map(|error| &*error.code)),
        LogField::DlpAction | LogField::PromptId | LogField::PromptVersionId => Vec::new(),
        LogField::Success => flag(record.success),
        LogField::Cached => flag(record.cached),
        LogField::Authentication => flag(record.authentication),
        LogField::Wholesale => flag(record.wholesale),
        LogField::Byok => flag(record.byok),
        LogField::Stream => flag(record.stream),
        LogField::CompatibilityMode => flag(record.request_type == "compat"),
        LogField::Cost => number(record.cost.map(Cost::dollars)),
        LogField::Tokens => {
            tokens(record.usage.map(|usage| usage.input.saturating_add(usage.output)))
        }
        LogField::TokensIn => tokens(record.usage.map(|usage| usage.input)),
        LogField::TokensOut => tokens(record.usage.map(|usage| usage.output)),
        LogField::Duration => number(Some(f64::from(record.duration_ms))),
        LogField::TtftMs => number(record.ttft_ms.map(f64::from)),
        LogField::StatusCode => number(record.status_code.map(f64::from)),
        LogField::Step => number(Some(f64::from(record.step))),
        LogField::Feedback => number(row.feedback),
        LogField::Score => number(row.score),
        LogField::MetadataKey => metadata(row, |key, _| Some(key.to_owned())),
        LogField::MetadataValue => metadata(row, |_, value| metadata_text(value)),
        LogField::Metadata(name) => {
            metadata(row, |key, value| if key == name { metadata_text(value) } else { None })
        }
    }
}

fn metadata(
    row: &StoredLog,
    pick: impl Fn(&str, &serde_json::Value) -> Option<String>,
) -> Vec<FilterValue> {
    let Some(text) = row.record.metadata.as_deref() else { return Vec::new() };
    let Ok(serde_json::Value::Object(pairs)) = serde_json::from_str(text) else {
        return Vec::new();
    };
    let picked = pairs.iter().filter_map(|(key, value)| pick(key, value));
    picked.map(FilterValue::Text).collect()
}

/// A metadata value as filters compare it; null has none.
pub fn metadata_text(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

impl FilterValue {
    fn compares(&self, operator: Operator, wanted: &Self) -> bool {
        if operator == Operator::Contains {
            return match (self, wanted) {
                (Self::Text(text), Self::Text(part)) => text.contains(part.as_str()),
                _ => false,
            };
        }
        let ordering = match (self, wanted) {
            (Self::Text(one), Self::Text(other)) => Some(one.cmp(other)),
            (Self::Number(one), Self::Number(other)) => one.partial_cmp(other),
            (Self::Flag(one), Self::Flag(other)) => Some(one.cmp(other)),
            (Self::Time(one), Self::Time(other)) => Some(one.cmp(other)),
            _ => None,
        };
        let Some(ordering) = ordering else { return false };
        match operator {
            Operator::Eq => ordering == Ordering::Equal,
            Operator::Lt => ordering == Ordering::Less,
            Operator::Gt => ordering == Ordering::Greater,
            Operator::Lte => ordering != Ordering::Greater,
            Operator::Gte => ordering != Ordering::Less,
            Operator::Neq | Operator::Contains => false,
        }
    }
}

impl Operator {
    /// The published operators.
    pub const NAMES: &[&str] = &["eq", "neq", "contains", "lt", "gt", "lte", "gte"];

    /// Reads a published operator.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "eq" => Self::Eq,
            "neq" => Self::Neq,
            "contains" => Self::Contains,
            "lt" => Self::Lt,
            "gt" => Self::Gt,
            "lte" => Self::Lte,
            "gte" => Self::Gte,
            _ => return None,
        })
    }
}

/// What rows are sorted by; rows that agree in it are sorted by id, in the same direction. Missing
/// values come first in ascending order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogOrder {
    /// Time of the request.
    #[default]
    CreatedAt,
    /// Provider slug.
    Provider,
    /// Model.
    Model,
    /// Kind of model.
    ModelType,
    /// Failures first in ascending order.
    Success,
    /// Misses first in ascending order.
    Cached,
    /// Cost.
    Cost,
    /// Input tokens.
    TokensIn,
    /// Output tokens.
    TokensOut,
    /// Duration.
    Duration,
    /// Feedback.
    Feedback,
}

impl LogOrder {
    /// The published keys.
    pub const NAMES: &[&str] = &[
        "created_at",
        "provider",
        "model",
        "model_type",
        "success",
        "cached",
        "cost",
        "tokens_in",
        "tokens_out",
        "duration",
        "feedback",
    ];

    /// Reads a published key.
    pub fn parse(key: &str) -> Option<Self> {
        Some(match key {
            "created_at" => Self::CreatedAt,
            "provider" => Self::Provider,
            "model" => Self::Model,
            "model_type" => Self::ModelType,
            "success" => Self::Success,
            "cached" => Self::Cached,
            "cost" => Self::Cost,
            "tokens_in" => Self::TokensIn,
            "tokens_out" => Self::TokensOut,
            "duration" => Self::Duration,
            "feedback" => Self::Feedback,
            _ => return None,
        })
    }
}
