//! All targets through all scenarios, round by round.

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::task::LocalSet;

use super::args::Args;
use super::cpu::{self, LOAD};
use super::gateway::{self, Gateway, Target};
use super::scenario::Scenario;
use super::tally::Tally;
use super::{load, report, upstream};

/// Pause between two cells: writes that a target puts off shall not fall into the next one's time.
const SETTLE: Duration = Duration::from_millis(300);

/// One measurement of one target in one scenario.
pub(crate) struct Cell {
    /// Requests or chunks a second.
    pub(crate) rate: f64,
    /// Processor time of the gateway for each of them, in microseconds.
    pub(crate) cpu: Option<f64>,
    /// Microseconds, of requests or until the first byte of a stream.
    pub(crate) p50: Option<f64>,
    pub(crate) p99: Option<f64>,
    pub(crate) errors: u64,
    /// Cores that other programs kept busy meanwhile.
    pub(crate) others: f64,
}

/// All measurements, round after round.
pub(crate) type Cells = HashMap<(usize, usize), Vec<Cell>>;

/// Measures and prints the table.
///
/// # Errors
/// When a target cannot be started, or the machine lacks what pinning needs.
pub(crate) fn run(args: &Args, program: &Path) -> anyhow::Result<()> {
    cpu::pin_self(LOAD)?;
    cpu::take_precedence();
    let _awake = if args.no_spin { Vec::new() } else { cpu::keep_awake(program)? };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, measure_all(args, program))
}

async fn measure_all(args: &Args, program: &Path) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::task::spawn_local(upstream::serve(listener));
    let mut gateways = Vec::new();
    for target in targets(args) {
        gateways.push(Gateway::start(target, port, &args.weir, program).await?);
    }
    let mut cells = Cells::new();
    for round in 0..args.rounds() {
        report::say(&format!("round {} of {}", round + 1, args.rounds()));
        for (column, scenario) in Scenario::ALL.into_iter().enumerate() {
            for turn in 0..gateways.len() {
                // Rotated: no target is always the one after the noisiest.
                let row = (turn + round) % gateways.len();
                let Some(gateway) = gateways.get(row) else { continue };
                let cell = measure(gateway, scenario, args.window()).await?;
                cells.entry((row, column)).or_default().push(cell);
            }
        }
    }
    let targets: Vec<Target> = gateways.iter().map(|gateway| gateway.target).collect();
    report::print(&targets, &cells, args)
}

/// The targets that can run here; says which cannot.
fn targets(args: &Args) -> Vec<Target> {
    let has_nginx = gateway::has_nginx();
    if !has_nginx {
        report::say("nginx is not installed: left out");
    }
    let has_weir = args.weir.exists();
    if !has_weir {
        report::say(&format!("{} does not exist: Weir is left out", args.weir.display()));
    }
    let runs = |target: &Target| match target {
        Target::Direct | Target::Bare => true,
        Target::Nginx => has_nginx,
        Target::WeirNoLog | Target::WeirLog | Target::WeirBodies => has_weir,
    };
    Target::ALL.into_iter().filter(runs).collect()
}

async fn measure(gateway: &Gateway, scenario: Scenario, window: Duration) -> anyhow::Result<Cell> {
    let tally = Rc::new(Tally::default());
    let request = gateway.target.request(scenario.kind());
    let clients = load::start(scenario.load(), gateway.port, request, &tally);
    // Streams start spread over half a second; all must run when measuring begins.
    tokio::time::sleep((window / 2).max(Duration::from_millis(700))).await;
    let others_before = cpu::used_by_others()?;
    let cpu_before = gateway.cpu()?;
    let begun = Instant::now();
    tally.measure(true);
    tokio::time::sleep(window).await;
    tally.measure(false);
    let elapsed = begun.elapsed();
    let cpu_after = gateway.cpu()?;
    let others = cpu::used_by_others()?.saturating_sub(others_before);
    drop(clients);
    tokio::time::sleep(SETTLE).await;
    let units = tally.units() as f64;
    let cpu = cpu_before.zip(cpu_after).map(|(before, after)| after.saturating_sub(before));
    Ok(Cell {
        rate: units / elapsed.as_secs_f64(),
        cpu: cpu.filter(|_| units > 0.0).map(|cpu| cpu.as_secs_f64() * 1e6 / units),
        p50: tally.percentile(0.5),
        p99: tally.percentile(0.99),
        errors: tally.errors(),
        others: others.as_secs_f64() / elapsed.as_secs_f64(),
    })
}
