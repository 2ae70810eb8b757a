//! Golden folders of translations: `golden/<dialect>/<provider>/<case>/`.
//!
//! * `request.json`: the client's body, as sent.
//! * `settings.json`: what else matters, all optional: `model` (else the body's, its unified prefix
//!   removed), `path`, `region`, `strict`, `stream`, `sse`, `status`, `capabilities`.
//! * `upstream.json`: what the provider gets (path, headers, body) and what was left out; or the error
//!   that the client gets instead. Written by `WEIR_BLESS=1`.
//! * `answer.json`, `answer.sse`, `answer.hex` or `answer.frames`: what the provider answers, if the
//!   case has it. Frames are lines `NAME JSON` of AWS's binary event stream, `!NAME JSON` for an
//!   exception.
//! * `reply.json` or `reply.txt`: what the client gets. Written by `WEIR_BLESS=1`.
//!
//! Every streamed answer is also cut into single bytes and into odd pieces: the reply must not
//! change.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::canonical::Failure;
use crate::capability::Capabilities;
use crate::dialect::{Asked, Dialect, ReplyContext};
use crate::fault::{Fault, Losses, Strictness};
use crate::provider::{DecodeContext, Place, Prepared, Wire};
use crate::stream::aws_event_stream::frames;
use crate::translate::{self, StreamTranslator};

const CREATED: i64 = 1_700_000_000;

#[test]
fn golden_folders_hold() {
    #[expect(clippy::disallowed_methods, reason = "how this test is told to write its files")]
    let bless = std::env::var("WEIR_BLESS").is_ok();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let mut cases = Vec::new();
    find(&root, &mut cases);
    cases.sort();
    let wrong: Vec<String> = cases.iter().filter_map(|case| check(case, bless).err()).collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn find(folder: &Path, cases: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.join("request.json").exists() {
            cases.push(path);
        } else if path.is_dir() {
            find(&path, cases);
        }
    }
}

/// One folder.
struct Case<'a> {
    folder: &'a Path,
    dialect: Dialect,
    provider: String,
    wire: Wire,
    settings: Value,
    body: Vec<u8>,
    model: String,
}

fn check(folder: &Path, bless: bool) -> Result<(), String> {
    let case = Case::read(folder);
    let outcome = case.prepare();
    let upstream = match &outcome {
        Ok((prepared, losses)) => json!({
            "path": prepared.path,
            "headers": prepared.headers.iter().map(|(name, value)| json!([name, value])).collect::<Value>(),
            "body": serde_json::from_slice::<Value>(&prepared.body).unwrap(),
            "dropped": losses.dropped(),
        }),
        Err(fault) => {
            let body = case.dialect.failure(&Failure::from(fault));
            json!({"refused": serde_json::from_slice::<Value>(&body).unwrap()})
        }
    };
    let upstream = serde_json::to_string_pretty(&upstream).unwrap() + "\n";
    compare(&folder.join("upstream.json"), &upstream, bless)?;
    let Ok((prepared, _)) = outcome else { return Ok(()) };
    case.replies(&prepared, bless)
}

impl<'a> Case<'a> {
    fn read(folder: &'a Path) -> Self {
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        let provider = name(folder.parent().unwrap());
        let dialect = match name(folder.parent().unwrap().parent().unwrap()).as_str() {
            "openai_chat" => Dialect::OpenAiChat,
            "openai_responses" => Dialect::OpenAiResponses,
            "anthropic" => Dialect::Anthropic,
            "gemini" => Dialect::Gemini,
            other => panic!("{}: unknown dialect {other}", folder.display()),
        };
        let wire = match provider.as_str() {
            "anthropic" => Wire::Anthropic,
            "google-ai-studio" => Wire::Gemini,
            "aws-bedrock" => Wire::Converse,
            "cohere" => Wire::Cohere,
            _ => Wire::OpenAi,
        };
        let body = fs::read(folder.join("request.json")).unwrap();
        let settings = fs::read(folder.join("settings.json"));
        let settings: Value =
            settings.map_or(Value::Null, |text| serde_json::from_slice(&text).unwrap());
        let parsed: Value = serde_json::from_slice(&body).unwrap_or_default();
        let named = settings["model"].as_str().or_else(|| parsed["model"].as_str());
        let named = named.unwrap_or("m");
        let model = named.strip_prefix(&format!("{provider}/")).unwrap_or(named).to_owned();
        Self { folder, dialect, provider, wire, settings, body, model }
    }

    fn prepare(&self) -> Result<(Prepared, Losses), Fault> {
        let stream = self.settings["stream"].as_bool().unwrap_or_default();
        let asked = Asked { model: &self.model, stream };
        let strict = self.settings["strict"].as_bool().unwrap_or_default();
        let strictness = if strict { Strictness::Strict } else { Strictness::Lenient };
        let mut losses = Losses::new(strictness, self.dialect, self.provider.clone());
        let request = self.dialect.read(&self.body, &asked)?;
        let place = Place {
            provider: &self.provider,
            path: self.settings["path"].as_str().unwrap_or(match self.wire {
                Wire::Anthropic => "v1/messages",
                _ => "v1/chat/completions",
            }),
            region: self.settings["region"].as_str().unwrap_or("us-east-1"),
            project: "project-1",
            capabilities: capabilities(&self.settings["capabilities"]),
        };
        let prepared = self.wire.prepare(&request, &place, &mut losses)?;
        Ok((prepared, losses))
    }

    fn replies(&self, prepared: &Prepared, bless: bool) -> Result<(), String> {
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        let context = ReplyContext {
            base: "base".into(),
            created: CREATED,
            model: self.model.as_str().into(),
            include_usage: body["stream_options"]["include_usage"].as_bool().unwrap_or_default(),
            sse: self.settings["sse"].as_bool().unwrap_or(true),
            echo: self.dialect.echo(&self.body),
        };
        let decoding = DecodeContext {
            base: "base".into(),
            schema_tool: prepared.schema_tool.clone(),
            provider: self.provider.as_str().into(),
        };
        let status = self.settings["status"].as_u64().map_or(200, |n| u16::try_from(n).unwrap());
        let file = |name: &str| fs::read(self.folder.join(name)).ok();
        if let Some(answer) = file("answer.json") {
            let (status, reply) = if status < 400 {
                translate::whole(self.wire, &decoding, self.dialect, &context, &answer)
            } else {
                let failure = self.wire.failure(status, &answer);
                (status, self.dialect.failure(&failure))
            };
            let reply: Value = serde_json::from_slice(&reply).unwrap();
            let reply = serde_json::to_string_pretty(&json!({"status": status, "body": reply}));
            return compare(&self.folder.join("reply.json"), &(reply.unwrap() + "\n"), bless);
        }
        let stream = file("answer.sse")
            .or_else(|| file("answer.hex").map(|hex| from_hex(&hex)))
            .or_else(|| file("answer.frames").map(|lines| frames::from_lines(&lines)));
        let Some(stream) = stream else { return Ok(()) };
        let translate = |pieces: &mut dyn Iterator<Item = &[u8]>| {
            let mut translator =
                StreamTranslator::new(self.wire, decoding.clone(), self.dialect, context.clone());
            let mut out = Vec::new();
            for piece in pieces {
                out.extend(translator.push(piece));
            }
            out.extend(translator.finish());
            String::from_utf8(out).unwrap()
        };
        let reply = translate(&mut [&stream[..]].into_iter());
        for size in [1, 2, 7, 61] {
            let cut = translate(&mut stream.chunks(size));
            if cut != reply {
                return Err(format!(
                    "{}: pieces of {size} give another reply",
                    self.folder.display()
                ));
            }
        }
        compare(&self.folder.join("reply.txt"), &reply, bless)
    }
}

fn compare(path: &Path, got: &str, bless: bool) -> Result<(), String> {
    let expected = fs::read_to_string(path).unwrap_or_default();
    if bless {
        fs::write(path, got).unwrap();
        return Ok(());
    }
    if expected == got { Ok(()) } else { Err(format!("{}: got\n{got}", path.display())) }
}

/// The fixed part of a settings file; a name that is unknown is a mistake in the file.
fn capabilities(given: &Value) -> Capabilities {
    let mut all = Capabilities::default();
    for (name, value) in given.as_object().into_iter().flatten() {
        let flag = value.as_bool();
        match name.as_str() {
            "sampling_params" => all.sampling_params = flag,
            "forced_tool_choice" => all.forced_tool_choice = flag,
            "thinking_adaptive" => all.thinking_adaptive = flag,
            "thinking_always_on" => all.thinking_always_on = flag,
            "reasoning" => all.reasoning = flag,
            "assistant_prefill" => all.assistant_prefill = flag,
            "mid_conversation_system" => all.mid_conversation_system = flag,
            "native_json_schema" => all.native_json_schema = flag,
            "vision" => all.vision = flag,
            "pdf_input" => all.pdf_input = flag,
            "audio_input" => all.audio_input = flag,
            "tools" => all.tools = flag,
            "parallel_tools" => all.parallel_tools = flag,
            "effort_none" => all.effort_none = flag,
            "effort_minimal" => all.effort_minimal = flag,
            "effort_xhigh" => all.effort_xhigh = flag,
            "effort_max" => all.effort_max = flag,
            "max_input_tokens" => all.max_input_tokens = value.as_u64(),
            "max_output_tokens" => all.max_output_tokens = value.as_u64(),
            other => panic!("unknown capability {other}"),
        }
    }
    all
}

fn from_hex(text: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}
