//! The way of one call through a route (spec: data-plane 8.3). Decides; asks nobody and counts
//! nothing: it stops where somebody else must, and is told what came of it.
//!
//! ```text
//! loop match walk.advance(facts, draw) {
//!     Stop::Gate  => draw from the counter,  walk.gate_passed(..)
//!     Stop::Model => ask the model,          walk.model_answered(..)
//!     Stop::End   => give what the ending says
//! }
//! ```
//!
//! A model that follows a success replaces its answer. So whoever has the head of a good answer
//! says so, advances, and hands the answer on only when that gives [`Stop::End`].

use std::sync::Arc;

use super::facts::CallFacts;
use super::graph::{Element, ElementId, ModelCall, RateGate, RouteGraph};
use super::share;
use crate::trail::Visit;

/// A walk under way.
#[derive(Clone, Debug)]
pub struct Walk {
    graph: Arc<RouteGraph>,
    at: At,
    path: Vec<Visit>,
    /// The best that an end could give so far.
    outcome: Ending,
}

/// Where a walk is.
#[derive(Clone, Debug)]
enum At {
    /// About to enter this element.
    Before(ElementId),
    /// In a model or rate element, whose last visit awaits its outcome.
    Waiting(Stop),
    Ended(Ending),
}

/// Where a walk cannot go on by itself.
#[derive(Clone, Debug)]
pub enum Stop {
    /// A model is to be asked; then [`Walk::model_answered`].
    Model {
        /// The element.
        id: ElementId,
        /// What to ask.
        call: Arc<ModelCall>,
    },
    /// A counter is to be drawn from; then [`Walk::gate_passed`].
    Gate {
        /// The element.
        id: ElementId,
        /// What is counted, and the most.
        gate: Arc<RateGate>,
        /// The call's value of the gate's key, see [`super::gate_key`].
        key: String,
    },
    /// The route is over.
    End(Ending),
}

/// How a route ended: the first of these that happened on the way, when it ended at its end; where
/// an output is missing, what happened there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// With the answer of the last model that gave one.
    Answered,
    /// With the failure of the last model that was asked.
    ModelFailed,
    /// A limit left no way to a model.
    RateLimited,
    /// No model was on the way.
    NoModel,
}

impl Walk {
    /// Before the first element.
    pub fn new(graph: Arc<RouteGraph>) -> Self {
        let at = At::Before(Arc::clone(graph.start()));
        Self { graph, at, path: Vec::new(), outcome: Ending::NoModel }
    }

    /// Goes on until a model is to be asked, a counter is to be drawn from, or the route ends. The
    /// same answer again until that outcome was told. `draw` gives a number below its argument, each
    /// equally likely; it is called once for each percentage element at most.
    pub fn advance(&mut self, call: &dyn CallFacts, draw: &mut dyn FnMut(u32) -> u32) -> Stop {
        loop {
            match &self.at {
                At::Waiting(stop) => return stop.clone(),
                At::Ended(ending) => return Stop::End(*ending),
                At::Before(id) => {
                    let id = Arc::clone(id);
                    self.at = self.enter(id, call, draw);
                }
            }
        }
    }

    /// Says whether the counter had room, and how full it is, for people. Without a way on, the
    /// route ends rate-limited, whatever was answered before. Has no effect elsewhere.
    pub fn gate_passed(&mut self, passed: bool, because: impl Into<Box<str>>) {
        let At::Waiting(Stop::Gate { gate, .. }) = &self.at else { return };
        let gate = Arc::clone(gate);
        let outcome = if passed { self.outcome } else { Ending::RateLimited };
        self.leave((passed, because.into()), (&gate.success, gate.fallback.as_ref()), outcome);
    }

    /// Says whether the model answered, and how that went, for people. Without a way on, the route
    /// ends with its failure, whatever was answered before. Has no effect elsewhere.
    pub fn model_answered(&mut self, answered: bool, because: impl Into<Box<str>>) {
        let At::Waiting(Stop::Model { call, .. }) = &self.at else { return };
        let call = Arc::clone(call);
        let outcome = if answered { Ending::Answered } else { Ending::ModelFailed };
        self.leave((answered, because.into()), (&call.success, call.fallback.as_ref()), outcome);
    }

    /// Every element on the way so far, in order, with what decided there.
    pub fn path(&self) -> &[Visit] {
        &self.path
    }

    /// Visits an element and says what comes next.
    fn enter(
        &mut self,
        id: ElementId,
        call: &dyn CallFacts,
        draw: &mut dyn FnMut(u32) -> u32,
    ) -> At {
        let graph = Arc::clone(&self.graph);
        // A graph has every element that it names; without this one the route just ends.
        let Some(element) = graph.get(&id) else { return At::Ended(self.outcome) };
        let mut visit =
            Visit { element: Arc::clone(&id), kind: element.kind().into(), ..Visit::default() };
        let next = match element {
            Element::Start { next } => Some(("next", next)),
            Element::Conditional { condition, then, otherwise } => {
                let holds = condition.holds(call, &mut visit.because);
                Some(if holds { ("true", then) } else { ("false", otherwise) })
            }
            Element::Percentage { shares, otherwise, plan } => {
                let (number, because) = share::number(&id, plan, call, draw);
                visit.because.push(because);
                share::way(shares, otherwise.as_ref(), number).map(|way| (way.output, way.next))
            }
            Element::Rate(gate) => {
                let (gate, key) = (Arc::clone(gate), gate.key.key_of(call));
                self.path.push(visit);
                return At::Waiting(Stop::Gate { id, gate, key });
            }
            Element::Model(call) => {
                let call = Arc::clone(call);
                self.path.push(visit);
                return At::Waiting(Stop::Model { id, call });
            }
            Element::End => None,
        };
        visit.output = next.map(|(output, _)| output.into());
        self.path.push(visit);
        match next {
            Some((_, next)) => At::Before(Arc::clone(next)),
            None => At::Ended(self.outcome),
        }
    }

    /// Leaves the element that was waited at.
    fn leave(
        &mut self,
        (went_well, because): (bool, Box<str>),
        (success, fallback): (&ElementId, Option<&ElementId>),
        outcome: Ending,
    ) {
        let (output, next) =
            if went_well { ("success", Some(success)) } else { ("fallback", fallback) };
        if let Some(visit) = self.path.last_mut() {
            visit.because.push(because);
            visit.output = next.map(|_| output.into());
        }
        self.outcome = self.outcome.min(outcome);
        self.at = match next {
            Some(next) => At::Before(Arc::clone(next)),
            None => At::Ended(outcome),
        };
    }
}

#[cfg(test)]
mod tests;
