//! A streamed answer, event by event.
//!
//! Order: one [`Event::Start`]; then deltas, where thoughts come before the text they lead to and a
//! tool call's [`Event::ToolStart`] before its pieces; [`Event::Finish`] for each choice;
//! [`Event::Usage`] any number of times, the last one counting; [`Event::Done`] at the proper end, or
//! [`Event::Error`] and nothing after it.

use std::borrow::Cow;

use serde_json::Value;
use weir_core::Usage;

use super::response::{Failure, Finish};

/// One event. `choice` counts answers (0 at most providers), `call` tool calls of a choice.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'a> {
    /// The answer begins.
    Start {
        /// The provider's id.
        id: Option<Cow<'a, str>>,
        /// The model that answers.
        model: Option<Cow<'a, str>>,
        /// What is known of the usage already.
        usage: Option<Usage>,
    },
    /// A piece of text.
    Text {
        /// Which answer.
        choice: u32,
        /// The piece.
        text: Cow<'a, str>,
    },
    /// A piece of a refusal.
    Refusal {
        /// Which answer.
        choice: u32,
        /// The piece.
        text: Cow<'a, str>,
    },
    /// A piece of the thoughts.
    Thinking {
        /// Which answer.
        choice: u32,
        /// The piece.
        text: Cow<'a, str>,
    },
    /// The seal over the thoughts since the last seal.
    Signature {
        /// Which answer.
        choice: u32,
        /// The seal.
        signature: Cow<'a, str>,
    },
    /// Thoughts that only the provider can read, whole.
    RedactedThinking {
        /// Which answer.
        choice: u32,
        /// The sealed text.
        data: Cow<'a, str>,
    },
    /// A tool call begins.
    ToolStart {
        /// Which answer.
        choice: u32,
        /// Which call of it, counted from 0.
        call: u32,
        /// Id of the call.
        id: Cow<'a, str>,
        /// Name of the tool.
        name: Cow<'a, str>,
        /// Gemini's `thoughtSignature`.
        signature: Option<Cow<'a, str>>,
    },
    /// A piece of a call's arguments. A call without any has the arguments `{}`.
    ToolArguments {
        /// Which answer.
        choice: u32,
        /// Which call of it.
        call: u32,
        /// A piece of JSON text.
        json: Cow<'a, str>,
    },
    /// A citation, in OpenAI's form.
    Annotation {
        /// Which answer.
        choice: u32,
        /// The citation.
        annotation: Value,
    },
    /// Likelihoods of the tokens of the last piece, in OpenAI's form.
    Logprobs {
        /// Which answer.
        choice: u32,
        /// The likelihoods.
        logprobs: Value,
    },
    /// An answer ended.
    Finish {
        /// Which answer.
        choice: u32,
        /// Why.
        finish: Finish,
    },
    /// Tokens so far, as totals.
    Usage(Usage),
    /// The stream ended properly.
    Done,
    /// The stream failed; nothing follows.
    Error(Failure),
}

/// Takes events as they come.
pub trait EventSink {
    /// One event.
    fn event(&mut self, event: Event<'_>);
}

/// Reads a provider's stream, cut into pieces of any size.
pub trait StreamDecoder: Send {
    /// Takes the next bytes.
    fn push(&mut self, bytes: &[u8], events: &mut dyn EventSink);

    /// The bytes are over. A decoder whose dialect ends without a closing event says
    /// [`Event::Done`] here if its stream was complete; for the others, saying nothing means that the
    /// stream was cut off.
    fn finish(&mut self, events: &mut dyn EventSink);
}

/// Writes a stream in the client's dialect.
pub trait EventWriter: Send {
    /// Writes what an event means there; often nothing.
    fn event(&mut self, event: Event<'_>, out: &mut Vec<u8>);
}
