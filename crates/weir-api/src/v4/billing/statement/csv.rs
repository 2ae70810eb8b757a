//! A statement as CSV (RFC 4180), with the balance after each line.

use weir_core::Cost;

use super::super::money::negative;
use super::{Statement, target};
use crate::csv::cell;

impl Statement {
    /// The file. Its last balance is the closing one.
    pub(super) fn to_csv(&self) -> Vec<u8> {
        let mut text = b"date,kind,description,calls,amount_usd,balance_usd\r\n".to_vec();
        let mut balance = self.opening;
        let (start, end) = (self.start.to_string(), self.end.to_string());
        line(&mut text, &[&start, "opening", "", "", "", &balance.to_string()]);
        for given in &self.given {
            balance = balance + given.amount;
            let at = given.at.to_string();
            let note = given.note.as_deref().unwrap_or_default();
            let amount = given.amount.to_string();
            line(&mut text, &[&at, given.kind.label(), note, "", &amount, &balance.to_string()]);
        }
        for used in &self.used {
            let amount: Cost = negative(used.amount);
            balance = balance + amount;
            let (provider, model) = target(used);
            let (what, calls) = (format!("{provider}/{model}"), used.calls.to_string());
            let (amount, balance) = (amount.to_string(), balance.to_string());
            line(&mut text, &[&end, "usage", &what, &calls, &amount, &balance]);
        }
        line(&mut text, &[&end, "closing", "", "", "", &self.closing().to_string()]);
        text
    }
}

fn line(text: &mut Vec<u8>, cells: &[&str]) {
    for (place, word) in cells.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        cell(word, text);
    }
    text.extend_from_slice(b"\r\n");
}
