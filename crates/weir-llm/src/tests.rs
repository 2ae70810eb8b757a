//! Golden recordings: `fixtures/<shape>/<case>.{json,sse,ndjson,hex}` beside its
//! `<case>.<extension>.expected.json`. Set `WEIR_BLESS=1` to write what is read now.

mod costs;

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::answer::{Answer, Encoding, Framing, Reader};

/// A recording: where it lies, how it is framed, its bytes.
struct Recording {
    path: PathBuf,
    framing: Framing,
    bytes: Vec<u8>,
}

fn recordings() -> Vec<Recording> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut all: Vec<Recording> = entries(&root)
        .iter()
        .flat_map(|shape| entries(shape))
        .filter(|path| !path.to_string_lossy().ends_with(".expected.json"))
        .map(|path| {
            let bytes = std::fs::read(&path).unwrap();
            let (framing, bytes) = match path.extension().unwrap().to_str().unwrap() {
                "json" => (Framing::Json, bytes),
                "sse" => (Framing::Sse, bytes),
                "ndjson" => (Framing::NdJson, bytes),
                "hex" => (Framing::AwsEventStream, from_hex(&bytes)),
                other => panic!("{}: unknown extension {other}", path.display()),
            };
            Recording { path, framing, bytes }
        })
        .collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!all.is_empty());
    all
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn from_hex(text: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

fn read<'a>(framing: Framing, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Answer, bool) {
    let mut reader = Reader::new(framing, Encoding::Identity);
    for piece in pieces {
        reader.push(piece);
    }
    let saw_content = reader.saw_content();
    (reader.finish(), saw_content)
}

fn show((answer, saw_content): &(Answer, bool)) -> Value {
    let mut shown = json!({
        "usage": answer.usage,
        "model": answer.model,
        "service_tier": answer.service_tier,
        "finish_reason": answer.finish_reason,
        "error": answer.error.as_ref().map(|error| json!([error.code, error.message])),
        "reported_cost": answer.reported_cost.map(|cost| cost.to_string()),
        "saw_content": saw_content,
        "end": format!("{:?}", answer.end),
    });
    if let Some(billed) = answer.billed {
        shown["billed"] = json!(billed);
    }
    shown
}

#[test]
fn recordings_are_read_as_expected() {
    #[expect(clippy::disallowed_methods, reason = "how this test is told to write its files")]
    let bless = std::env::var("WEIR_BLESS").is_ok();
    let mut wrong = Vec::new();
    for Recording { path, framing, bytes } in recordings() {
        let shown =
            serde_json::to_string_pretty(&show(&read(framing, [&bytes[..]]))).unwrap() + "\n";
        let mut expected = path.clone().into_os_string();
        expected.push(".expected.json");
        if bless {
            std::fs::write(&expected, &shown).unwrap();
        } else if std::fs::read_to_string(&expected).ok().as_deref() != Some(&shown) {
            wrong.push(format!("{}: {shown}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_split_of_every_recording_reads_the_same() {
    for Recording { path, framing, bytes } in recordings() {
        let whole = read(framing, [&bytes[..]]);
        for cut in 0..=bytes.len() {
            let (left, right) = bytes.split_at(cut);
            assert_eq!(read(framing, [left, right]), whole, "{} cut at {cut}", path.display());
        }
        for size in [1, 2, 3, 5, 64] {
            assert_eq!(read(framing, bytes.chunks(size)), whole, "{} by {size}", path.display());
        }
    }
}

#[test]
fn a_cut_recording_shows_no_error_of_its_own() {
    for Recording { path, framing, bytes } in recordings() {
        let (whole, _) = read(framing, [&bytes[..]]);
        for end in (0..bytes.len()).step_by(7) {
            let (part, _) = read(framing, [&bytes[..end]]);
            assert!(
                part.error.is_none() || whole.error.is_some(),
                "{} until {end}",
                path.display()
            );
        }
    }
}

fn framing() -> impl Strategy<Value = Framing> {
    prop_oneof![
        Just(Framing::Sse),
        Just(Framing::NdJson),
        Just(Framing::AwsEventStream),
        Just(Framing::Json),
        Just(Framing::Opaque),
    ]
}

proptest! {
    #[test]
    fn random_splits_read_the_same(
        index in any::<proptest::sample::Index>(),
        sizes in proptest::collection::vec(1usize..200, 1..50),
    ) {
        let all = recordings();
        let Recording { framing, bytes, .. } = index.get(&all);
        let mut pieces = Vec::new();
        let mut rest = &bytes[..];
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        prop_assert_eq!(read(*framing, pieces), read(*framing, [&bytes[..]]));
    }

    #[test]
    fn garbage_never_panics(
        framing in framing(),
        gzip in any::<bool>(),
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        size in 1usize..50,
    ) {
        let encoding = if gzip { Encoding::Gzip } else { Encoding::Identity };
        let mut reader = Reader::new(framing, encoding);
        for piece in bytes.chunks(size) {
            reader.push(piece);
        }
        reader.finish();
    }

    #[test]
    fn damaged_recordings_never_panic_and_split_alike(
        index in any::<proptest::sample::Index>(),
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
        size in 1usize..100,
    ) {
        let all = recordings();
        let Recording { framing, bytes, .. } = index.get(&all);
        let mut bytes = bytes.clone();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        prop_assert_eq!(read(*framing, bytes.chunks(size)), read(*framing, [&bytes[..]]));
    }
}
