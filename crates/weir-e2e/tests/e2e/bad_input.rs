//! Nonsense from either side is answered, not obeyed, and does no harm.

mod from_clients;
mod from_providers;
mod unified;
