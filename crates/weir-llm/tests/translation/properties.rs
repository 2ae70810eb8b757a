//! What holds for every translation, whatever the bytes. Tests and fuzz targets share this file.

use weir_llm::canonical::Failure;
use weir_llm::capability::Capabilities;
use weir_llm::dialect::{Asked, Dialect, ReplyContext};
use weir_llm::fault::{Losses, Param, Strictness};
use weir_llm::json::Object;
use weir_llm::provider::{DecodeContext, Place, Wire};
use weir_llm::translate::{StreamTranslator, whole};

const DIALECTS: [Dialect; 4] =
    [Dialect::OpenAiChat, Dialect::OpenAiResponses, Dialect::Anthropic, Dialect::Gemini];

/// Each wire format with a provider that speaks it and a model of that provider.
const WIRES: [(Wire, &str, &str); 5] = [
    (Wire::OpenAi, "mistral", "mistral-large-latest"),
    (Wire::Anthropic, "anthropic", "claude-sonnet-4-5"),
    (Wire::Gemini, "google-ai-studio", "gemini-2.5-flash"),
    (Wire::Converse, "aws-bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    (Wire::Cohere, "cohere", "command-a-03-2025"),
];

/// Any bytes as a request: prepared for the provider, or refused in the client's dialect. What
/// strict mode lets through has lost nothing.
pub(crate) fn request(body: &[u8]) {
    for dialect in DIALECTS {
        for (wire, provider, model) in WIRES {
            let read = dialect.read(body, &Asked { model, stream: body.len().is_multiple_of(2) });
            let request = match read {
                Ok(request) => request,
                Err(fault) => {
                    is_object(&dialect.failure(&Failure::from(&fault)), body);
                    continue;
                }
            };
            let place = Place {
                provider,
                path: "v1/chat/completions",
                region: "us-east-1",
                project: "project-1",
                capabilities: Capabilities::default(),
            };
            for strictness in [Strictness::Lenient, Strictness::Strict] {
                let mut losses = Losses::new(strictness, dialect, provider);
                match wire.prepare(&request, &place, &mut losses) {
                    Ok(prepared) => {
                        is_object(&prepared.body, body);
                        assert!(!prepared.path.is_empty());
                        let cache = losses.name(&Param::CacheControl);
                        let lost = losses.dropped().iter().any(|name| **name != *cache);
                        assert!(strictness == Strictness::Lenient || !lost);
                    }
                    Err(fault) => {
                        assert!(!fault.message().is_empty());
                        is_object(&dialect.failure(&Failure::from(&fault)), body);
                    }
                }
            }
        }
    }
}

/// Any bytes as an answer: an answer or an error in every dialect.
pub(crate) fn answer(body: &[u8]) {
    for dialect in DIALECTS {
        for (wire, provider, model) in WIRES {
            for schema_tool in [None, Some("city_facts")] {
                let (decoding, context) = contexts(provider, model, schema_tool);
                let (status, reply) = whole(wire, &decoding, dialect, &context, body);
                assert!(status == 200 || status >= 400, "{status}");
                is_object(&reply, body);
            }
            let failure = wire.failure(500, body);
            is_object(&dialect.failure(&failure), body);
        }
    }
}

/// Any bytes as a stream: cut into pieces it becomes the same as in one, and it ends once.
pub(crate) fn stream(bytes: &[u8], cuts: &[u8]) {
    for dialect in DIALECTS {
        for (wire, provider, model) in WIRES {
            let schema_tool = cuts.first().filter(|cut| **cut % 2 == 1).map(|_| "city_facts");
            let (decoding, context) = contexts(provider, model, schema_tool);
            let translate = |pieces: &[&[u8]]| {
                let new = StreamTranslator::new;
                let mut translator = new(wire, decoding.clone(), dialect, context.clone());
                let mut out = Vec::new();
                for piece in pieces {
                    out.extend(translator.push(piece));
                }
                out.extend(translator.finish());
                assert!(translator.has_ended());
                assert!(translator.fail(&Failure::truncated()).is_empty());
                out
            };
            let one = translate(&[bytes]);
            let many = translate(&pieces(bytes, cuts));
            let shown = String::from_utf8_lossy;
            assert!(one == many, "{wire:?} {dialect:?}:\n{}\n{}", shown(&one), shown(&many));
        }
    }
}

fn contexts(
    provider: &str,
    model: &str,
    schema_tool: Option<&str>,
) -> (DecodeContext, ReplyContext) {
    let decoding = DecodeContext {
        base: "base".into(),
        schema_tool: schema_tool.map(Into::into),
        provider: provider.into(),
    };
    let context = ReplyContext {
        base: "base".into(),
        created: 1_700_000_000,
        model: model.into(),
        include_usage: true,
        sse: true,
        ..ReplyContext::default()
    };
    (decoding, context)
}

/// Pieces as long as the cuts say, over and over.
fn pieces<'a>(mut bytes: &'a [u8], cuts: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for at in 0.. {
        let cut = cuts.get(at % cuts.len().max(1)).copied().unwrap_or_default();
        let (piece, rest) = bytes.split_at(bytes.len().min(usize::from(cut).max(1)));
        pieces.push(piece);
        bytes = rest;
        if bytes.is_empty() {
            break;
        }
    }
    pieces
}

fn is_object(body: &[u8], input: &[u8]) {
    assert!(
        Object::read(body).is_ok(),
        "{} out of {}",
        String::from_utf8_lossy(body),
        String::from_utf8_lossy(input)
    );
}

/// Lines as frames of AWS's event stream, whose checksums arbitrary bytes would never meet. A line is
/// `NAME PAYLOAD`, `!NAME PAYLOAD` for an exception.
pub(crate) fn framed(lines: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let space = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
        let (name, payload) = line.split_at(space);
        let (kind, header, name) = match name.split_first() {
            Some((b'!', name)) => ("exception", ":exception-type", name),
            _ => ("event", ":event-type", name),
        };
        let mut headers = Vec::new();
        for (header, value) in [(header, name), (":message-type", kind.as_bytes())] {
            headers.push(u8::try_from(header.len()).unwrap_or_default());
            headers.extend(header.as_bytes());
            headers.push(7);
            headers.extend(u16::try_from(value.len()).unwrap_or_default().to_be_bytes());
            headers.extend(value);
        }
        frame(&headers, payload, &mut bytes);
    }
    bytes
}

fn frame(headers: &[u8], payload: &[u8], out: &mut Vec<u8>) {
    let number = |length: usize| u32::try_from(length).unwrap_or_default().to_be_bytes();
    let mut frame = Vec::from(number(16 + headers.len() + payload.len()));
    frame.extend(number(headers.len()));
    frame.extend(checksum(&frame).to_be_bytes());
    frame.extend(headers);
    frame.extend(payload);
    frame.extend(checksum(&frame).to_be_bytes());
    out.extend(frame);
}

/// CRC-32, bit by bit.
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 }
        })
    })
}

/// Lines as server-sent events.
pub(crate) fn server_sent(lines: &[u8]) -> Vec<u8> {
    let lines = lines.split(|byte| *byte == b'\n');
    lines.flat_map(|line| [b"data: ", line, b"\n\n"].concat()).collect()
}
