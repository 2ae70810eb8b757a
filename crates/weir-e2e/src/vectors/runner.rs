//! Running the vectors, several at a time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, ensure};
use serde_json::Value;
use tokio::task::JoinSet;

use super::perform::{self, Seen};
use super::report::{Outcome, Report};
use super::vector::Vector;
use super::world::World;
use super::{check, pending};

/// Worlds that exist at once. Each is a process; more of them would disturb each other's timing.
const AT_ONCE: usize = 4;

/// Which vectors to run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Areas or ids; empty means all.
    pub only: Vec<String>,
    /// Run even what is known not to be built yet.
    pub all: bool,
}

/// Runs the vectors and reports in their order.
///
/// # Errors
/// When a worker breaks; what a vector does wrong is in the report.
pub async fn run(vectors: Vec<Vector>, options: &Options) -> Result<Report> {
    let chosen = |vector: &Vector| {
        let named = |only: &String| *only == vector.area || *only == vector.id;
        options.only.is_empty() || options.only.iter().any(named)
    };
    let vectors: Vec<_> = vectors.into_iter().filter(chosen).collect();
    ensure!(!vectors.is_empty(), "no vector in {:?}", options.only);
    let queue = Arc::new(Mutex::new(vectors.into_iter().enumerate().collect::<VecDeque<_>>()));
    let mut workers = JoinSet::new();
    for _ in 0..AT_ONCE {
        workers.spawn(work(Arc::clone(&queue), options.all));
    }
    let mut results = Vec::new();
    while let Some(done) = workers.join_next().await {
        results.extend(done?);
    }
    results.sort_by_key(|(index, _)| *index);
    Ok(Report { results: results.into_iter().map(|(_, result)| result).collect() })
}

type Queue = Arc<Mutex<VecDeque<(usize, Vector)>>>;

async fn work(queue: Queue, all: bool) -> Vec<(usize, (String, String, Outcome))> {
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let mut results = Vec::new();
    while let Some((index, vector)) = next() {
        let outcome = outcome(&vector, all).await;
        results.push((index, (vector.id, vector.area, outcome)));
    }
    results
}

async fn outcome(vector: &Vector, all: bool) -> Outcome {
    let faults = vector.faults();
    if !faults.is_empty() {
        return Outcome::Failed(faults);
    }
    if let Some(reason) = pending::reason(vector).filter(|_| !all) {
        return Outcome::Pending(reason.to_owned());
    }
    match differences(vector).await {
        Ok(differences) if differences.is_empty() => Outcome::Passed,
        Ok(differences) => Outcome::Failed(differences),
        Err(error) => Outcome::Failed(vec![format!("{error:#}").replace('\n', "\\n")]),
    }
}

/// Runs one vector; returns all that differs.
async fn differences(vector: &Vector) -> Result<Vec<String>> {
    let mut world = World::build(&vector.given).await?;
    let steps = vector.expect.get("steps").and_then(Value::as_array);
    let mut steps = steps.map(|steps| steps.iter());
    let mut out = Vec::new();
    let mut total = Seen::default();
    for (number, item) in vector.items().into_iter().enumerate() {
        let Some(mut seen) = perform::item(&mut world, item).await? else { continue };
        if let Some(steps) = &mut steps {
            let Some(expect) = steps.next().and_then(Value::as_object) else {
                out.push(format!("request {number} has no entry in expect.steps"));
                break;
            };
            let previous = total.responses.last();
            let found = check::expectations(&world, expect, &seen, previous).await?;
            out.extend(found.iter().map(|difference| format!("item {number}: {difference}")));
        }
        total.responses.append(&mut seen.responses);
    }
    if let Some(left) = steps.map(|steps| steps.count()).filter(|left| *left > 0) {
        out.push(format!("{left} entries of expect.steps have no request"));
    }
    total.calls = world.calls();
    let found = check::expectations(&world, &vector.expect, &total, None).await?;
    out.extend(found.iter().map(ToString::to_string));
    Ok(out)
}
