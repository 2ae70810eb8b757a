//! A vector in JSON: a list of numbers, or base64 of little-endian `float32`.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

/// A vector, in whichever of the two forms it comes.
#[derive(Debug, Default)]
pub(super) struct Vector(pub(super) Vec<f32>);

impl<'de> Deserialize<'de> for Vector {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Vector;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a vector, as a list of numbers or as base64")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Vector, E> {
                let bytes = STANDARD.decode(text).map_err(E::custom)?;
                let (values, rest) = bytes.as_chunks::<4>();
                if !rest.is_empty() {
                    return Err(E::custom("a vector whose length is no multiple of 4 bytes"));
                }
                Ok(Vector(values.iter().copied().map(f32::from_le_bytes).collect()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vector, A::Error> {
                let mut values = Vec::with_capacity(seq.size_hint().unwrap_or(1024));
                while let Some(value) = seq.next_element()? {
                    values.push(value);
                }
                Ok(Vector(values))
            }
        }
        from.deserialize_any(Either)
    }
}

/// Appends a list of numbers, each as short as it can be without becoming another `float32`.
pub(super) fn push_list(out: &mut Vec<u8>, vector: &[f32]) {
    out.reserve(vector.len() * 14 + 2);
    out.push(b'[');
    for (n, value) in vector.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        // Writing into memory and of a finite number: neither can fail.
        let _ = serde_json::to_writer(&mut *out, value);
    }
    out.push(b']');
}

/// Appends a string of base64.
pub(super) fn push_base64(out: &mut Vec<u8>, vector: &[f32]) {
    let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
    out.push(b'"');
    out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
    out.push(b'"');
}
