//! The table, and words to whoever waits for it.

use std::io::{self, Write};

use super::args::Args;
use super::gateway::Target;
use super::median;
use super::scenario::Scenario;
use super::suite::{Cell, Cells};

/// Writes a line to standard error, where it does not get into the table.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Medians over the rounds of one target in one scenario.
struct Summary<'a>(&'a [Cell]);

impl Summary<'_> {
    fn median(&self, value: impl Fn(&Cell) -> Option<f64>) -> Option<f64> {
        median::of(self.0.iter().filter_map(value))
    }
}

/// Prints one Markdown table: a row for each target, medians over all rounds.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn print(targets: &[Target], cells: &Cells, args: &Args) -> anyhow::Result<()> {
    let column = |row: usize, scenario: Scenario| {
        let column = Scenario::ALL.iter().position(|other| *other == scenario);
        let cells = column.and_then(|column| cells.get(&(row, column)));
        Summary(cells.map(Vec::as_slice).unwrap_or_default())
    };
    let saturated = |row| column(row, Scenario::Saturation).median(|cell| Some(cell.rate));
    let baseline = [Target::Nginx, Target::Bare]
        .into_iter()
        .find_map(|wanted| targets.iter().position(|target| *target == wanted));
    let baseline_name = baseline.and_then(|row| targets.get(row)).map_or("", |row| row.title());
    let baseline_rate = baseline.and_then(saturated);

    let mut out = io::stdout().lock();
    writeln!(
        out,
        "Medians of {} round(s) of {:?}. Gateway on one core, clients and upstream on the other.\n",
        args.rounds(),
        args.window()
    )?;
    // The last column tells how much to trust a row: it should be near zero.
    writeln!(
        out,
        "| target | requests/s | vs {baseline_name} | CPU us/request | p50 us at 1000/s | p99 | \
         p50 us at 5000/s | p99 | CPU us/chunk, 200 streams | first byte p50 us | errors | others' cores |"
    )?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
    for (row, target) in targets.iter().enumerate() {
        let [saturation, slow, fast, streams] = Scenario::ALL.map(|scenario| column(row, scenario));
        let all = [&saturation, &slow, &fast, &streams];
        let cells = || all.iter().flat_map(|summary| summary.0);
        let errors: u64 = cells().map(|cell| cell.errors).sum();
        let ratio = saturated(row).zip(baseline_rate).map(|(rate, baseline)| rate / baseline);
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {errors} | {} |",
            target.title(),
            number(saturated(row), 0),
            number(ratio, 2),
            number(saturation.median(|cell| cell.cpu), 1),
            number(slow.median(|cell| cell.p50), 0),
            number(slow.median(|cell| cell.p99), 0),
            number(fast.median(|cell| cell.p50), 0),
            number(fast.median(|cell| cell.p99), 0),
            number(streams.median(|cell| cell.cpu), 2),
            number(streams.median(|cell| cell.p50), 0),
            number(median::of(cells().map(|cell| cell.others)), 2),
        )?;
    }
    Ok(())
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}
