//! The one form that every dialect is translated through: a request, an answer, and the events of a
//! streamed answer.
//!
//! It holds what at least two dialects can say. What only the client's own dialect knows stays in
//! [`Request::own`] by name, so that a target can refuse it or leave it out, never overlook it.

mod event;
mod message;
mod replay;
mod request;
mod response;

pub use event::{Event, EventSink, EventWriter, StreamDecoder};
pub use message::{Image, Media, Message, Part, PartKind, Role, Source, ToolCall, ToolResult};
pub use request::{Effort, Format, Reasoning, Request, Tool, ToolChoice};
pub use response::{Choice, Failure, Finish, Response};
