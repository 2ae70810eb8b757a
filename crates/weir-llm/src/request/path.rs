//! Models and kinds of calls that are named by the path.

use std::borrow::Cow;

/// The model that a path names, for providers that have it there. `path` is what follows the
/// provider's slug, with or without a leading slash and a query.
///
/// For Azure it is the deployment, which is all that the path tells. Providers decode paths, so that
/// percent signs must not give a model another name, or none.
pub fn model_from_path<'a>(provider_slug: &str, path: &'a str) -> Option<Cow<'a, str>> {
    let path = trim(path);
    if !path.contains('%') {
        return named(provider_slug, path).map(Cow::Borrowed);
    }
    // A slash that is encoded is part of a name; it divides nothing.
    let divided: Vec<Cow<'_, str>> = encoded_slashes(path).into_iter().map(decoded).collect();
    let plain = divided.join(SLASH);
    let model = named(provider_slug, &plain)?;
    Some(Cow::Owned(model.replace(SLASH, "/")))
}

/// Stands for an encoded slash while a path is divided: no path of HTTP holds it.
const SLASH: &str = "\u{0}";

/// The parts of a path between encoded slashes.
fn encoded_slashes(path: &str) -> Vec<&str> {
    path.split("%2F").flat_map(|part| part.split("%2f")).collect()
}

fn named<'a>(provider_slug: &str, path: &'a str) -> Option<&'a str> {
    let model = match provider_slug {
        "google-ai-studio" | "google-vertex-ai" => {
            let (_, rest) = path.split_once("models/")?;
            rest.split(['/', ':']).next()?
        }
        "aws-bedrock" => {
            let (_, rest) = path
                .split_once("/model/")
                .or_else(|| path.strip_prefix("model/").map(|rest| ("", rest)))?;
            rest.split('/').next()?
        }
        "azure-openai" => {
            let (resource, rest) = path.split_once('/')?;
            let rest = rest.strip_prefix("openai/deployments/").unwrap_or(rest);
            let (deployment, _) = rest.split_once('/')?;
            let versionless = rest.starts_with("openai/v1/");
            (!versionless && !resource.is_empty()).then_some(deployment)?
        }
        "workers-ai" => {
            let model = path.strip_prefix("run/").unwrap_or(path);
            model.starts_with('@').then_some(model)?
        }
        "huggingface" => {
            let path = path.strip_prefix("models/").unwrap_or(path);
            first_two(path).filter(|model| !model.starts_with("v1/"))?
        }
        "fal" => path.split("/requests/").next()?,
        "replicate" => {
            let path = path.strip_prefix("v1/").unwrap_or(path);
            let rest = path.strip_prefix("models/")?;
            first_two(rest)?
        }
        "baseten" => path.strip_prefix("model/")?.split('/').next()?,
        _ => return None,
    };
    (!model.is_empty()).then_some(model)
}

/// `{owner}/{name}` at the beginning of a path.
fn first_two(path: &str) -> Option<&str> {
    let (owner, rest) = path.split_once('/')?;
    let name = rest.split('/').next().unwrap_or_default();
    (!owner.is_empty() && !name.is_empty()).then(|| &path[..=owner.len() + name.len()])
}

/// A text without its percent signs; as it stands when they do not make sense.
fn decoded(segment: &str) -> Cow<'_, str> {
    if !segment.contains('%') {
        return Cow::Borrowed(segment);
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *byte == b'%') {
            Some(value) => {
                bytes.push(value);
                rest = &after[2..];
            }
            None => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(segment), Cow::Owned)
}

/// The path without leading slashes and query.
fn trim(path: &str) -> &str {
    path.split('?').next().unwrap_or_default().trim_start_matches('/')
}

const TEXT: &str = "text-generation";
const EMBEDDINGS: &str = "text-embeddings";
const IMAGE: &str = "text-to-image";
const VIDEO: &str = "text-to-video";
const TRANSCRIPTION: &str = "automatic-speech-recognition";
const SPEECH: &str = "text-to-speech";
const RANKING: &str = "text-ranking";

/// Ends of a path that tell the kind of call, whatever the provider.
const ENDINGS: &[(&str, &str)] = &[
    ("completions", TEXT),
    ("responses", TEXT),
    ("messages", TEXT),
    ("converse", TEXT),
    ("converse-stream", TEXT),
    ("chat", TEXT),
    ("generate-text", TEXT),
    ("embeddings", EMBEDDINGS),
    ("embed", EMBEDDINGS),
    ("rerank", RANKING),
    ("images/generations", IMAGE),
    ("images/edits", IMAGE),
    ("images/variations", IMAGE),
    ("audio/transcriptions", TRANSCRIPTION),
    ("audio/translations", TRANSCRIPTION),
    ("audio/speech", SPEECH),
    ("moderations", "moderation"),
    ("videos", VIDEO),
];

/// Verbs of Google's paths.
const VERBS: &[(&str, &str)] = &[
    ("generateContent", TEXT),
    ("streamGenerateContent", TEXT),
    ("rawPredict", TEXT),
    ("streamRawPredict", TEXT),
    ("embedContent", EMBEDDINGS),
    ("batchEmbedContents", EMBEDDINGS),
    ("predictLongRunning", VIDEO),
];

/// Whether a path asks for a stream, which its body then does not say.
pub fn streams(path: &str) -> bool {
    const ENDINGS: [&str; 4] = [
        ":streamGenerateContent",
        ":streamRawPredict",
        "/converse-stream",
        "/invoke-with-response-stream",
    ];
    let path = trim(path);
    ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// The kind of call a path makes, e.g. `text-generation`; `None` when it does not tell.
pub fn model_type(provider_slug: &str, path: &str) -> Option<&'static str> {
    let path = trim(path);
    let has = |part: &str| path.split('/').any(|segment| segment == part);
    match provider_slug {
        "google-ai-studio" | "google-vertex-ai" => {
            if let Some((before, verb)) = path.rsplit_once(':') {
                let known = VERBS.iter().find(|(name, _)| *name == verb).map(|(_, kind)| *kind);
                return known.or_else(|| of_model(before));
            }
        }
        "aws-bedrock" if has("invoke") || has("invoke-with-response-stream") => {
            return of_model(path).or(Some(TEXT));
        }
        "elevenlabs" | "cartesia" | "deepgram" => {
            return if has("text-to-speech") || has("tts") || has("speak") {
                Some(SPEECH)
            } else if has("speech-to-text") || has("stt") || has("listen") {
                Some(TRANSCRIPTION)
            } else {
                None
            };
        }
        "ideogram" => return Some(IMAGE),
        _ => {}
    }
    ENDINGS
        .iter()
        .find(|(ending, _)| {
            path.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        })
        .map(|(_, kind)| *kind)
}

/// What the name of a model gives away, for paths that call every kind of model alike.
fn of_model(path: &str) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().any(|word| path.contains(word));
    if has(&["embed"]) {
        Some(EMBEDDINGS)
    } else if has(&["imagen", "stability.", "titan-image", "nova-canvas"]) {
        Some(IMAGE)
    } else if has(&["rerank"]) {
        Some(RANKING)
    } else {
        None
    }
}
