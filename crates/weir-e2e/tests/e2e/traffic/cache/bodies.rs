//! What is kept comes back as it was.

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use weir_e2e::http::{Request, Response};
use weir_e2e::upstream::Answer;

use crate::traffic::rig::{ask, cache_status, called, start};

/// JSON, and the same compressed.
fn compressed() -> (String, Vec<u8>) {
    const GZIP: &str = "H4sIAAAAAAAC/6tWylOyMtRRKkmtKFGyUirJSFUoTsxNVSjPL0opVkhMT8zMU0jMS4Gwd\
        BSGu7xSLQDPIcyJEQEAAA==";
    let text = "the same words again and again, ".repeat(8);
    (json!({"n": 1, "text": text}).to_string(), STANDARD.decode(GZIP).unwrap_or_default())
}

/// Fails unless the answer is the JSON, in a form that the client reads.
fn assert_readable(answer: &Response, takes_gzip: bool, what: &str) {
    let (plain, gzip) = compressed();
    let encoding = answer.header("content-encoding");
    assert!(encoding.is_none() || takes_gzip && encoding == Some("gzip"), "{what}: {encoding:?}");
    let expected = if encoding.is_none() { plain.into_bytes() } else { gzip };
    assert_eq!(answer.body, expected, "{what}");
}

#[tokio::test]
async fn compressed_answers_are_given_as_each_client_reads_them() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    let answer = Answer::bytes(200, "application/json", compressed().1);
    rig.upstream.script("openai", [answer.header("content-encoding", "gzip")]);
    let taking = ask("a").header("accept-encoding", "gzip, br");
    let refusing = ask("a").header("accept-encoding", "identity");
    for (what, request, takes_gzip, status) in [
        ("the first", &taking, true, "MISS"),
        ("who takes gzip", &taking, true, "HIT"),
        ("who says nothing", &ask("a"), false, "HIT"),
        ("who takes none", &refusing, false, "HIT"),
    ] {
        let answer = rig.weir.send(request).await?;
        assert_eq!((answer.status, cache_status(&answer)), (200, status), "{what}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{what}");
        assert_readable(&answer, takes_gzip, what);
    }
    assert_eq!(called(&rig).len(), 1);
    Ok(())
}

/// What cannot be opened cannot be given to a client of other abilities.
#[tokio::test]
async fn unknown_encodings_are_never_given_bare() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    for (name, body) in [("exotic", "opaque bytes"), ("gzip", "this is not gzip")] {
        let answer = Answer::bytes(200, "application/json", body);
        rig.upstream.script("openai", [answer.header("content-encoding", name)]);
        for _ in 0..2 {
            let answer = rig.weir.send(&ask(name)).await?;
            assert_eq!((answer.status, cache_status(&answer)), (200, "MISS"), "{name}");
            assert_eq!(answer.header("content-encoding"), Some(name));
            assert_eq!(answer.text(), body);
        }
    }
    Ok(())
}

#[tokio::test]
async fn pictures_vectors_and_odd_bytes_come_back_byte_for_byte() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    let every_byte: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    for (path, kind, body) in [
        ("openai/embeddings", "application/json", br#"{"data":[{"embedding":[0.5]}]}"#.to_vec()),
        (
            "openai/images/generations",
            "application/json",
            br#"{"data":[{"b64_json":"AA"}]}"#.to_vec(),
        ),
        ("openai/audio/speech", "image/png", every_byte),
        ("openai/chat/completions", "text/plain; charset=utf-8", "gr\u{fc}n\r\n".into()),
        ("openai/moderations", "application/json", Vec::new()),
    ] {
        let answer = Answer::bytes(200, kind, body.clone()).header("x-own", "1");
        rig.upstream.script("openai", [answer]);
        let request = Request::call(path, &json!({"model": "m", "input": "x"}));
        for status in ["MISS", "HIT"] {
            let answer = rig.weir.send(&request).await?;
            assert_eq!((answer.status, cache_status(&answer)), (200, status), "{path}");
            assert_eq!(answer.header("content-type"), Some(kind), "{path}");
            assert_eq!(answer.header("content-encoding"), None, "{path}");
            assert_eq!(answer.body, body, "{path} {status}");
            let length = answer.header("content-length").map(str::to_owned);
            assert!(length.is_none_or(|length| length == body.len().to_string()), "{path}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_hit_has_ids_of_its_own() -> Result<()> {
    let rig = start(&json!({"cache_ttl": 3600})).await?;
    let first = rig.weir.send(&ask("a")).await?;
    let hit = rig.weir.send(&ask("a").header("cf-aig-event-id", "mine")).await?;
    assert_eq!(cache_status(&hit), "HIT");
    assert_eq!(hit.header("cf-aig-event-id"), Some("mine"));
    assert_eq!(hit.header("cf-aig-step"), Some("0"));
    for name in ["cf-aig-request-id", "cf-aig-log-id"] {
        let (one, other) = (first.header(name), hit.header(name));
        assert!(one.is_some() && other.is_some() && one != other, "{name}: {one:?} {other:?}");
    }
    Ok(())
}
