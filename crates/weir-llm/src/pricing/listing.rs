//! A price table as a list of models, for catalogues.

use super::{Price, PriceTable};

/// A model of a price table.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    /// Slug of its provider.
    pub provider: &'a str,
    /// Its name there.
    pub model: &'a str,
    /// Its row.
    pub price: &'a Price,
}

/// A rate for one kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(pub(super) u128);

impl PriceTable {
    /// Every model with its newest price, by provider and name.
    pub fn models(&self) -> Vec<Listed<'_>> {
        let rows = self.providers.iter().flat_map(|(provider, section)| {
            section.models(&self.as_of).entries.iter().filter_map(move |entry| {
                let price = &*entry.newest()?.price;
                Some(Listed { provider, model: &entry.name, price })
            })
        });
        let mut rows: Vec<Listed<'_>> = rows.collect();
        rows.sort_unstable_by_key(|row| (row.provider, row.model));
        rows
    }
}

impl Price {
    /// What the model does, in the word of the table: `chat`, `embedding`, `image`, `speech`,
    /// `transcription`, `realtime`, `rerank`.
    pub fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// Day from which the provider no longer offers the model, `YYYY-MM-DD`.
    pub fn deprecation_date(&self) -> Option<&str> {
        self.deprecation_date.as_deref()
    }

    /// Rate of plain input.
    pub fn input(&self) -> Option<Rate> {
        self.standard.rates.input.map(Rate)
    }

    /// Rate of plain output.
    pub fn output(&self) -> Option<Rate> {
        self.standard.rates.output.map(Rate)
    }

    /// Rate of input read from the provider's prompt cache.
    pub fn cache_read(&self) -> Option<Rate> {
        self.standard.rates.cache_read.map(Rate)
    }
}

impl Rate {
    /// Dollars for a million tokens, to the nearest float; for show.
    #[expect(clippy::cast_precision_loss, reason = "a figure to show; charges use the integer")]
    pub fn per_million(self) -> f64 {
        self.0 as f64 / 1e12
    }

    /// Whether it is `factor` times another or more, or that part of it or less.
    pub fn is_leap_from(self, other: Self, factor: u32) -> bool {
        let times = |rate: u128| rate.saturating_mul(factor.into());
        self.0 >= times(other.0) || times(self.0) <= other.0
    }

    /// Dollars for a million tokens, exact, without an exponent.
    pub fn per_million_text(self) -> String {
        let scale = 10_u128.pow(12);
        let text = format!("{}.{:012}", self.0 / scale, self.0 % scale);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// Dollars for one token, exact, without an exponent.
    pub fn per_token(self) -> String {
        let scale = 10_u128.pow(18);
        let text = format!("{}.{:018}", self.0 / scale, self.0 % scale);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_model_is_listed_once_and_in_order() {
        let table = PriceTable::builtin();
        let rows = table.models();
        assert_eq!(rows.len(), table.len());
        assert!(rows.is_sorted_by_key(|row| (row.provider, row.model)));
        assert!(rows.iter().all(|row| row.price.kind().is_some()));
    }

    proptest! {
        #[test]
        fn a_shown_rate_reads_back_exactly(rate in 0..10_u128.pow(30)) {
            prop_assert_eq!(crate::decimal::parse(&Rate(rate).per_token(), 18), Some(rate));
        }
    }

    #[test]
    fn rates_are_shown_as_they_were_written() {
        let text = r#"{"p/m": {"in": 0.00000125, "out": 10}}"#;
        let table = PriceTable::parse(text).unwrap();
        let price = table.find("p", "m").unwrap();
        assert_eq!(price.input().unwrap().per_token(), "0.00000125");
        assert!((price.input().unwrap().per_million() - 1.25).abs() < 1e-9);
        assert_eq!(price.output().unwrap().per_token(), "10");
        assert_eq!(price.cache_read(), None);
    }
}
