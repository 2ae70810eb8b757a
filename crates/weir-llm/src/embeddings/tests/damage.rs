//! Whatever the bytes are: an answer or an error, never a panic; and what is written can be read.

use proptest::prelude::*;

use crate::dialect::Asked;
use crate::embeddings::EmbeddingsDoor::{self, Gemini, GeminiBatch, OpenAi};
use crate::embeddings::EmbeddingsWire::{self, Bedrock, Cohere, Vertex, WorkersAi};
use crate::embeddings::{Embeddings, EmbeddingsRequest, Expected};

const DOORS: [EmbeddingsDoor; 3] = [OpenAi, Gemini, GeminiBatch];
const WIRES: [EmbeddingsWire; 6] =
    [EmbeddingsWire::OpenAi, EmbeddingsWire::Gemini, Vertex, Bedrock, Cohere, WorkersAi];

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let known = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "1",
        "-0.5",
        "\"a\"",
        "null",
        "\"input\"",
        "\"content\"",
        "\"parts\"",
        "\"text\"",
        "\"requests\"",
        "\"embeddings\"",
        "\"values\"",
        "\"data\"",
        "\"embedding\"",
        "\"float\"",
        "\"result\"",
        "\"predictions\"",
        "1e99",
        "\"\\u00",
    ];
    let piece = proptest::sample::select(known.to_vec()).prop_map(|text| text.as_bytes().to_vec());
    let piece = prop_oneof![8 => piece, 1 => proptest::collection::vec(any::<u8>(), 0..4)];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in pieces()) {
        let expected = Expected { model: "m".into(), texts: 1, tokens: 1 };
        for door in DOORS {
            let _ = door.read(&body, &Asked::default());
        }
        for wire in WIRES {
            let _ = wire.decode(&body, &expected, &|_| None);
        }
    }

    #[test]
    fn what_is_written_is_what_was_answered(
        values in proptest::collection::vec(any::<f32>().prop_filter("finite", |f| f.is_finite()), 1..9),
        base64 in any::<bool>(),
    ) {
        let answer = Embeddings {
            vectors: vec![values],
            model: "m".to_owned(),
            tokens: 3,
            estimated: false,
        };
        let expected = Expected { model: "m".into(), texts: 1, tokens: 9 };
        let bytes = OpenAi.write(&answer, base64);
        let again = EmbeddingsWire::OpenAi.decode(&bytes, &expected, &|_| None).unwrap();
        prop_assert_eq!(&again, &answer);
        let bytes = GeminiBatch.write(&answer, base64);
        let again = EmbeddingsWire::Gemini.decode(&bytes, &expected, &|_| None).unwrap();
        prop_assert_eq!(again, answer);
    }
}

#[test]
fn tokens_are_guessed_for_each_text() {
    let request = EmbeddingsRequest {
        inputs: vec!["abcde".to_owned(), String::new(), "ä".to_owned()],
        ..EmbeddingsRequest::default()
    };
    assert_eq!(request.expected().tokens, 2 + 1);
    assert_eq!(request.expected().texts, 3);
}
