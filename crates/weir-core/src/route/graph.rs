//! A route's elements as a graph that can be walked: whoever holds one needs no further checks
//! (spec: data-plane 8.2).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::condition::Condition;
use super::element;
use super::field::FieldPath;
use super::plan::{ModelPlan, SharePlan};
use crate::fault::{Fault, Faults};
use crate::id::ProviderSlug;

/// Elements a route may have.
pub const MAX_ELEMENTS: usize = 100;

/// Names an element in its route.
pub type ElementId = Arc<str>;

/// A checked graph: one start, every named element is there, and every way ends.
#[derive(Clone, Debug)]
pub struct RouteGraph {
    start: ElementId,
    elements: BTreeMap<ElementId, Element>,
}

/// A graph, and remarks on what has no effect in it.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The graph.
    pub graph: RouteGraph,
    /// One sentence for each property that nobody knows.
    pub notes: Vec<String>,
}

/// One station.
#[derive(Clone, Debug)]
pub enum Element {
    /// Where every call enters.
    Start {
        /// The first station.
        next: ElementId,
    },
    /// Chooses by what the call says.
    Conditional {
        /// What is asked.
        condition: Condition,
        /// When it holds.
        then: ElementId,
        /// When it does not.
        otherwise: ElementId,
    },
    /// Chooses by chance.
    Percentage {
        /// Ways with their chances.
        shares: Vec<Share>,
        /// Takes the rest of the calls. There unless the shares are the whole.
        otherwise: Option<ElementId>,
        /// What Weir adds.
        plan: SharePlan,
    },
    /// Chooses by how much was used.
    Rate(Arc<RateGate>),
    /// Asks a model.
    Model(Arc<ModelCall>),
    /// Answers the call.
    End,
}

/// A way taken by a part of the calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Name of the output, e.g. `12.5%`.
    pub output: Box<str>,
    /// Its part, of [`Share::WHOLE`].
    pub parts: u32,
    /// Where it leads.
    pub next: ElementId,
}

impl Share {
    /// All calls: 100 %, counted in ten-thousandths of a per cent.
    pub const WHOLE: u32 = 1_000_000;
}

/// Lets calls pass until so much was used in a window.
#[derive(Clone, Debug)]
pub struct RateGate {
    /// What is counted.
    pub unit: RateUnit,
    /// Each value of this has a counter of its own.
    pub key: FieldPath,
    /// Calls, or US dollars. Above zero.
    pub limit: f64,
    /// Seconds. Above zero.
    pub window: u64,
    /// How windows follow each other.
    pub technique: Technique,
    /// Below the limit.
    pub success: ElementId,
    /// Above it; without one the route ends there.
    pub fallback: Option<ElementId>,
}

/// What a rate element counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateUnit {
    /// Calls.
    Count,
    /// US dollars.
    Cost,
}

/// How windows follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Technique {
    /// Aligned to the clock.
    #[default]
    Fixed,
    /// The time just past.
    Sliding,
}

/// A call of a model.
#[derive(Clone, Debug)]
pub struct ModelCall {
    /// Known when the graph was read; a custom provider may be gone since.
    pub provider: ProviderSlug,
    /// In the provider's own words.
    pub model: String,
    /// Milliseconds to the first byte, for each try.
    pub timeout_ms: u64,
    /// Further tries after the first.
    pub retries: u32,
    /// When the model answers.
    pub success: ElementId,
    /// When all tries failed; without one the route ends with the failure.
    pub fallback: Option<ElementId>,
    /// What Weir adds.
    pub plan: ModelPlan,
}

impl Element {
    /// The elements that may follow.
    pub fn outputs(&self) -> Vec<&ElementId> {
        match self {
            Self::Start { next } => vec![next],
            Self::Conditional { then, otherwise, .. } => vec![then, otherwise],
            Self::Percentage { shares, otherwise, .. } => {
                shares.iter().map(|share| &share.next).chain(otherwise).collect()
            }
            Self::Rate(gate) => std::iter::once(&gate.success).chain(&gate.fallback).collect(),
            Self::Model(call) => std::iter::once(&call.success).chain(&call.fallback).collect(),
            Self::End => Vec::new(),
        }
    }

    /// The word for its kind, in the clients' spelling.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Conditional { .. } => "conditional",
            Self::Percentage { .. } => "percentage",
            Self::Rate(_) => "rate",
            Self::Model(_) => "model",
            Self::End => "end",
        }
    }
}

impl RouteGraph {
    /// Reads elements in either of their published spellings. `providers` are the slugs that a
    /// model may name.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, up to a bound; paths begin at the array of elements.
    pub fn read(elements: &Value, providers: &BTreeSet<String>) -> Result<Reading, Vec<Fault>> {
        let mut faults = Faults::new("elements");
        let reading = read(elements, Some(providers), &mut faults);
        faults.into_result(reading)
    }

    /// Reads elements that were accepted before. A provider that is gone since is no fault: asking
    /// it will fail, and the route may know what to do then.
    ///
    /// # Errors
    ///
    /// See [`Self::read`].
    pub fn read_stored(elements: &Value) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new("elements");
        let reading = read(elements, None, &mut faults);
        faults.into_result(reading).map(|reading| reading.graph)
    }

    /// Where every call enters.
    pub fn start(&self) -> &ElementId {
        &self.start
    }

    /// An element. Every id that the graph itself names is there.
    pub fn get(&self, id: &str) -> Option<&Element> {
        self.elements.get(id)
    }

    /// Every element, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&ElementId, &Element)> {
        self.elements.iter()
    }
}

fn read(
    elements: &Value,
    providers: Option<&BTreeSet<String>>,
    faults: &mut Faults,
) -> Option<Reading> {
    let Some(list) = elements.as_array() else {
        faults.refuse("must be an array");
        return None;
    };
    if list.is_empty() || list.len() > MAX_ELEMENTS {
        faults.refuse(format_args!("must hold 1 to {MAX_ELEMENTS} elements"));
        return None;
    }
    let mut notes = Vec::new();
    let mut read = BTreeMap::new();
    let mut start = None;
    for (place, value) in list.iter().enumerate() {
        faults.within(place, |faults| {
            let Some(id) = element::id(value, faults) else { return };
            if value["type"] == "start" && start.replace(Arc::clone(&id)).is_some() {
                faults.refuse_at("type", "must not be start: there is a start element already");
            }
            let element = element::read(value, &element::Around { place, providers }, faults);
            if let Some(element) = &element {
                notes.extend(element.notes.iter().cloned());
            }
            // An element with a fault of its own still counts as there.
            if read.insert(Arc::clone(&id), (place, element)).is_some() {
                faults.refuse_at("id", format_args!("{id:?} is taken by another element"));
            }
        });
    }
    if start.is_none() {
        faults.refuse("must hold one element of the type start");
    }
    let mut graph = BTreeMap::new();
    let known: BTreeSet<ElementId> = read.keys().cloned().collect();
    let mut edges = BTreeMap::new();
    for (id, (place, element)) in read {
        let Some(element) = element else { continue };
        for (output, target) in &element.edges {
            if !known.contains(target) {
                let message = format!("names no element of this route: {target:?}");
                faults.within(place, |faults| {
                    faults.within("outputs", |faults| {
                        faults.within(output, |faults| faults.refuse_at("elementId", message));
                    });
                });
            }
        }
        edges.insert(Arc::clone(&id), (place, element.edges));
        graph.insert(id, element.element);
    }
    refuse_cycles(&edges, faults);
    Some(Reading { graph: RouteGraph { start: start?, elements: graph }, notes })
}

/// Output names and targets of each element, with its place in the document.
type Edges = BTreeMap<ElementId, (usize, Vec<(String, ElementId)>)>;

/// Refuses the outputs that lead back to where the way came from. Elements that no way reaches are
/// looked at, too: they may be reached in the next version.
fn refuse_cycles(edges: &Edges, faults: &mut Faults) {
    let mut done = BTreeSet::new();
    for first in edges.keys() {
        // The way from `first` to here: each element with the number of outputs already followed.
        let mut way: Vec<(&ElementId, usize)> = vec![(first, 0)];
        while let Some((id, followed)) = way.last_mut() {
            let here: &ElementId = id;
            let outputs = edges.get(here).filter(|_| !done.contains(here));
            let Some((output, target)) = outputs.and_then(|(_, list)| list.get(*followed)) else {
                done.insert(Arc::clone(here));
                way.pop();
                continue;
            };
            *followed += 1;
            if way.iter().any(|(id, _)| *id == target) {
                let place = edges.get(here).map_or(0, |(place, _)| *place);
                faults.within(place, |faults| {
                    faults.within("outputs", |faults| {
                        let message = format!("leads in a circle, back to {target:?}");
                        faults.within(output, |faults| faults.refuse_at("elementId", message));
                    });
                });
            } else if let Some((known, _)) = edges.get_key_value(target) {
                way.push((known, 0));
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
