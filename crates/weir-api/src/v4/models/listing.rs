//! The models of the price table.

use serde_json::{Value, json};
use weir_llm::catalogue;
use weir_llm::pricing::{Listed, Price, PriceTable, Rate};

use super::task::{self, Task};

/// A model.
pub(super) struct Model<'a> {
    /// What a call names: `provider/model`, or `@cf/author/model` at Workers AI.
    pub(super) name: String,
    pub(super) description: String,
    /// Id of its author: who made it at Workers AI, elsewhere who serves it.
    pub(super) author: &'a str,
    pub(super) author_name: &'a str,
    /// 1 at Workers AI, 2 elsewhere.
    pub(super) source: u8,
    pub(super) task: &'static Task,
    /// Offered for trial.
    pub(super) is_preview: bool,
    pub(super) price: &'a Price,
}

/// Every model of a table, by name.
pub(super) fn models(table: &PriceTable) -> Vec<Model<'_>> {
    let mut models: Vec<Model<'_>> = table.models().iter().map(Model::of).collect();
    models.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    models
}

impl<'a> Model<'a> {
    fn of(row: &Listed<'a>) -> Self {
        let task = task::of_kind(row.price.kind().unwrap_or_default());
        let provider = catalogue::find(row.provider).map_or(row.provider, |found| found.name);
        let at_workers_ai = row.provider == "workers-ai";
        let maker = row.model.strip_prefix("@cf/").and_then(|rest| rest.split('/').next());
        let (author, author_name) = match maker {
            Some(maker) if at_workers_ai => (maker, maker),
            _ => (row.provider, provider),
        };
        let name = if at_workers_ai {
            row.model.to_owned()
        } else {
            format!("{}/{}", row.provider, row.model)
        };
        let words = ["preview", "beta", "experimental"];
        Self {
            description: format!("{} at {provider}", task.name),
            author,
            author_name,
            source: if at_workers_ai { 1 } else { 2 },
            task,
            is_preview: row.model.split('-').any(|part| words.contains(&part)),
            price: row.price,
            name,
        }
    }

    /// Whether the provider no longer offers it; `today` begins with `YYYY-MM-DD`.
    pub(super) fn is_gone(&self, today: &str) -> bool {
        // Dates in this form sort as text.
        self.price.deprecation_date().is_some_and(|date| date <= today)
    }

    /// The model as the API shows it.
    pub(super) fn view(&self, today: &str) -> Value {
        let rates = [
            ("per M input tokens", self.price.input()),
            ("per M output tokens", self.price.output()),
            ("per M cached input tokens", self.price.cache_read()),
        ];
        let prices: Vec<Value> = rates
            .into_iter()
            .filter_map(|(unit, rate)| {
                let price = rate.map(Rate::per_million)?;
                Some(json!({ "unit": unit, "price": price, "currency": "USD" }))
            })
            .collect();
        let mut properties = Vec::new();
        let mut property = |id: &str, value: Value| {
            properties.push(json!({ "property_id": id, "value": value }));
        };
        if !prices.is_empty() {
            property("price", prices.into());
        }
        if let Some(date) = self.price.deprecation_date() {
            property("planned_deprecation_date", date.into());
        }
        let mut tags = Vec::new();
        if self.is_preview {
            property("beta", "true".into());
            tags.push("experimental");
        }
        if self.is_gone(today) {
            tags.push("deprecated");
        }
        json!({
            "id": self.name,
            "name": self.name,
            "description": self.description,
            "source": self.source,
            "task": self.task,
            "tags": tags,
            "properties": properties
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_gone_from_its_last_day_on() {
        let models = models(PriceTable::builtin());
        let dated = models
            .iter()
            .find(|model| model.price.deprecation_date().is_some() && !model.is_preview);
        let dated = dated.unwrap();
        let date = dated.price.deprecation_date().unwrap();
        assert!(!dated.is_gone("2000-01-01T00:00:00.000Z"));
        assert!(dated.is_gone(&format!("{date}T00:00:00.000Z")));
        assert_eq!(dated.view("9999-12-31")["tags"], json!(["deprecated"]));
        assert_eq!(dated.view("2000-01-01")["tags"], json!([]));
        let lasting = models.iter().find(|model| model.price.deprecation_date().is_none());
        assert!(!lasting.unwrap().is_gone("9999-12-31"));
    }
}
