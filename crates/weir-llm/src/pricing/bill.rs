//! What a cost is made of, line by line.

use weir_core::Cost;
use weir_core::trail::PriceLine;

use crate::decimal;

/// A cost that is still in parts. Its total is rounded once; its lines add up to the total.
#[derive(Clone, Debug)]
pub struct Bill {
    /// Parts of a pico-dollar that the amounts are counted in.
    divisor: u128,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    unit: &'static str,
    quantity: u64,
    amount: u128,
}

impl Bill {
    /// An empty one, whose amounts are `divisor`ths of a pico-dollar.
    pub(super) const fn new(divisor: u128) -> Self {
        Self { divisor, entries: Vec::new() }
    }

    /// Adds a line, unless there is nothing to charge. What has a price of nothing is a line, too.
    pub(super) fn add(&mut self, unit: &'static str, quantity: u64, amount: u128) {
        if quantity > 0 {
            self.entries.push(Entry { unit, quantity, amount });
        }
    }

    /// The sum; `None` beyond what a [`Cost`] can hold.
    pub fn total(&self) -> Option<Cost> {
        let mut amounts = self.entries.iter().map(|entry| entry.amount);
        decimal::divide(amounts.try_fold(0, u128::checked_add)?, self.divisor)
    }

    /// A line for each kind of unit. Each ends where the sum up to it, rounded, ends: so they add up
    /// to [`Self::total`] to the last digit, and none is off by a whole pico-dollar. Empty where
    /// there is no total.
    pub fn lines(&self) -> Vec<PriceLine> {
        if self.total().is_none() {
            return Vec::new();
        }
        let mut sum = 0_u128;
        let mut before = 0;
        let line = |entry: &Entry| {
            sum = sum.saturating_add(entry.amount);
            let after = decimal::divide(sum, self.divisor).map_or(before, Cost::pico);
            let cost = Cost::from_pico(after - before);
            before = after;
            PriceLine { unit: entry.unit.into(), quantity: entry.quantity, cost }
        };
        self.entries.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests;
