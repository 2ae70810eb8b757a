//! Gemini `generateContent` (spec: providers 4.1 to 4.4), as Google AI Studio has it. Vertex differs
//! in its paths and has no ids of calls.

mod answer;
mod body;
mod citations;
mod contents;
mod failure;
mod finish;
mod likelihoods;
mod model;
mod own;
mod path;
mod rename;
mod request;
mod response;
mod results;
mod stream;
mod thinking;
mod tools;
mod usage;

#[cfg(test)]
mod tests;

pub(super) use failure::failure;
pub use rename::set_gemini_model;
pub(super) use request::prepare;
pub(super) use response::decode;
pub(super) use stream::decoder;
