//! What the client sends is what the provider gets, and the other way round, byte for byte.

mod bodies;
mod heads;
mod streams;
