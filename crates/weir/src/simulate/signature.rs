//! Signatures of thoughts: opaque to clients, which must send them back as they were.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::seed;

/// The signature of what was thought, always the same for the same words.
pub(super) fn of(thoughts: &str) -> String {
    STANDARD.encode(format!("simulated thoughts {:016x}", seed::hash(thoughts.as_bytes())))
}
