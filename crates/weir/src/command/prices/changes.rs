//! What one price table changes of another.

use std::collections::BTreeMap;

use weir_llm::pricing::{Price, PriceTable, Rate};

/// A change of this many times, up or down, needs somebody's word.
const LEAP: u32 = 5;
/// Lines shown of each kind of change.
const SHOWN: usize = 40;

/// The models that come, go and change.
#[derive(Debug, Default)]
pub(super) struct Changes {
    added: Vec<String>,
    removed: Vec<String>,
    changed: Vec<Changed>,
}

#[derive(Debug)]
struct Changed {
    model: String,
    /// `input 1 -> 2`, for each rate that is shown.
    what: String,
    leaps: bool,
}

type Meter = (&'static str, fn(&Price) -> Option<Rate>);

const METERS: [Meter; 3] =
    [("input", Price::input), ("output", Price::output), ("cache_read", Price::cache_read)];

fn by_name(table: &PriceTable) -> BTreeMap<String, &Price> {
    let rows = table.models().into_iter();
    rows.map(|row| (format!("{}/{}", row.provider, row.model), row.price)).collect()
}

impl Changes {
    /// Compares the newest prices of two tables.
    pub(super) fn between(present: &PriceTable, new: &PriceTable) -> Self {
        let (present, new) = (by_name(present), by_name(new));
        let mut changes = Self::default();
        for (name, price) in &new {
            match present.get(name) {
                None => changes.added.push(name.clone()),
                Some(former) => changes.changed.extend(Changed::between(name, former, price)),
            }
        }
        changes.removed.extend(present.keys().filter(|name| !new.contains_key(*name)).cloned());
        changes
    }

    /// The changes, for people.
    pub(super) fn lines(&self) -> Vec<String> {
        let (added, removed, changed) = (self.added.len(), self.removed.len(), self.changed.len());
        let mut lines = vec![format!("{added} added, {removed} removed, {changed} changed")];
        let mut show = |sign: &str, all: Vec<String>| {
            let more = all.len().saturating_sub(SHOWN);
            lines.extend(all.into_iter().take(SHOWN).map(|line| format!("{sign} {line}")));
            if more > 0 {
                lines.push(format!("{sign} and {more} more"));
            }
        };
        show("+", self.added.clone());
        show("-", self.removed.clone());
        show("~", self.changed.iter().map(|row| format!("{}: {}", row.model, row.what)).collect());
        lines
    }

    /// The models whose change needs somebody's word, and has not got it.
    pub(super) fn leaps(&self, accepted: &[String]) -> Vec<String> {
        let leaps = self.changed.iter().filter(|row| row.leaps && !accepted.contains(&row.model));
        leaps.map(|row| row.model.clone()).collect()
    }
}

impl Changed {
    fn between(model: &str, former: &Price, price: &Price) -> Option<Self> {
        let mut what = Vec::new();
        let mut leaps = false;
        for (meter, of) in METERS {
            let (was, is) = (of(former), of(price));
            if was == is {
                continue;
            }
            let text = |rate: Option<Rate>| {
                rate.map_or_else(|| "nothing".to_owned(), Rate::per_million_text)
            };
            what.push(format!("{meter} {} -> {}", text(was), text(is)));
            leaps |= was.zip(is).is_some_and(|(was, is)| is.is_leap_from(was, LEAP));
        }
        (!what.is_empty()).then(|| Self { model: model.to_owned(), what: what.join(", "), leaps })
    }
}
