//! Vectors of embeddings: of length one, in a direction that depends on the input alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::seed;

/// A vector of length one in a direction given by `hash`.
pub(super) fn of_hash(hash: u64, dimensions: usize) -> Vec<f32> {
    let mut sequence = seed::Sequence::new(hash);
    let raw: Vec<f64> = (0..dimensions)
        .map(|_| {
            // The upper 32 bits, spread over -1 to 1; never exactly zero.
            let bits = (sequence.next() >> 32) as u32;
            (f64::from(bits) + 0.5) / f64::from(1_u32 << 31) - 1.0
        })
        .collect();
    let norm = raw.iter().map(|x| x * x).sum::<f64>().sqrt();
    raw.iter().map(|x| (x / norm) as f32).collect()
}

/// The same for a text.
pub(super) fn of_text(text: &str, dimensions: usize) -> Vec<f32> {
    of_hash(seed::hash(text.as_bytes()), dimensions)
}

/// Little-endian float32, as the SDKs ask for by themselves (spec: providers 4.5).
pub(super) fn base64(vector: &[f32]) -> String {
    let bytes: Vec<u8> = vector.iter().flat_map(|x| x.to_le_bytes()).collect();
    STANDARD.encode(bytes)
}
