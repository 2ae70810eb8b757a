//! Tool calls of a stream, put together from their fragments.

use std::borrow::Cow;

use crate::canonical::{Event, EventSink};
use crate::provider::openai::wire::{Call, Extra, Function, arguments};

/// The calls so far: which fragment belongs to which.
pub(super) struct Calls {
    base: Box<str>,
    open: Vec<Open>,
}

struct Open {
    choice: u32,
    /// The provider's count, where it gives one.
    index: Option<u32>,
    /// The provider's id.
    id: Option<Box<str>>,
    /// Our count within the choice.
    call: u32,
}

impl Calls {
    pub(super) fn new(base: Box<str>) -> Self {
        Self { base, open: Vec::new() }
    }

    /// Whether a choice has called a tool.
    pub(super) fn any(&self, choice: u32) -> bool {
        self.open.iter().any(|open| open.choice == choice)
    }

    /// A fragment of a call, or a whole one.
    pub(super) fn fragment(
        &mut self,
        choice: u32,
        mut fragment: Call<'_>,
        events: &mut dyn EventSink,
    ) {
        let (name, json) = fragment.take_function();
        let id = fragment.id.take().map(|text| text.0).filter(|id| !id.is_empty());
        let call = match self.find(choice, fragment.index, id.as_deref(), name.as_deref()) {
            Some(call) => call,
            None => {
                let signature = fragment.extra_content.take().and_then(Extra::signature);
                let call = self.open(choice, fragment.index, id.as_deref());
                let id = id.unwrap_or_else(|| self.made_up());
                let name = name.unwrap_or_default();
                let signature = signature.map(Cow::Owned);
                events.event(Event::ToolStart { choice, call, id, name, signature });
                call
            }
        };
        if let Some(json) = json.filter(|json| !json.is_empty()) {
            events.event(Event::ToolArguments { choice, call, json });
        }
    }

    /// The older form, which knows one call alone.
    pub(super) fn older(
        &mut self,
        choice: u32,
        function: Function<'_>,
        events: &mut dyn EventSink,
    ) {
        let call = match self.open.iter().find(|open| open.choice == choice) {
            Some(open) => open.call,
            None => {
                let call = self.open(choice, None, None);
                let name = function.name.map(|text| text.0).unwrap_or_default();
                let id = self.made_up();
                events.event(Event::ToolStart { choice, call, id, name, signature: None });
                call
            }
        };
        let json = function.arguments.map(arguments).filter(|json| !json.is_empty());
        if let Some(json) = json {
            events.event(Event::ToolArguments { choice, call, json });
        }
    }

    /// The call that a fragment goes on with; `None` when it begins one.
    fn find(
        &self,
        choice: u32,
        index: Option<u32>,
        id: Option<&str>,
        name: Option<&str>,
    ) -> Option<u32> {
        let last = self
            .open
            .iter()
            .rev()
            .find(|open| open.choice == choice && (index.is_none() || open.index == index))?;
        // Some providers give every call the index 0, or none at all: a new id is a new call.
        let other_id = id.is_some() && last.id.as_deref() != id;
        let unnumbered =
            index.is_none() && id.is_none() && name.is_some_and(|name| !name.is_empty());
        (!other_id && !unnumbered).then_some(last.call)
    }

    fn open(&mut self, choice: u32, index: Option<u32>, id: Option<&str>) -> u32 {
        let calls = self.open.iter().filter(|open| open.choice == choice).count();
        let call = u32::try_from(calls).unwrap_or(u32::MAX);
        self.open.push(Open { choice, index, id: id.map(Box::from), call });
        call
    }

    /// An id for the call that was opened last.
    fn made_up<'a>(&self) -> Cow<'a, str> {
        Cow::Owned(format!("call_{}_{}", self.base, self.open.len().saturating_sub(1)))
    }
}
