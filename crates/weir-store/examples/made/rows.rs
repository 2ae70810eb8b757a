//! Rows and bodies as a busy installation makes them, the same in every run.

use weir_core::log::{LogRecord, Payload};
use weir_core::trail::{CredentialTrail, Phases, PriceLine, PriceTrail, Trail};
use weir_core::{Cost, LogId, Timestamp, Usage};

/// A row as a busy installation makes them: some gateways, models and client programs.
pub(crate) fn record(number: usize, payload: Payload) -> LogRecord {
    let id = LogId::generate();
    LogRecord {
        id,
        request_id: id,
        event_id: None,
        created_at: Timestamp::now(),
        account: "0123456789abcdef0123456789abcdef".into(),
        gateway: ["default", "team-a", "team-b", "batch"][number % 4].into(),
        provider: ["openai", "anthropic", "google-ai-studio"][number % 3].into(),
        model: ["gpt-4o-mini", "claude-sonnet-4-5", "gemini-2.5-flash"][number % 3].into(),
        model_type: Some("text-generation"),
        path: "chat/completions".into(),
        method: "POST".into(),
        request_type: "http",
        request_content_type: Some("application/json".into()),
        response_content_type: Some("text/event-stream; charset=utf-8".into()),
        status_code: Some(200),
        upstream_status_code: Some(200),
        success: true,
        cached: false,
        duration_ms: 1200 + (number % 900) as u32,
        latency_ms: Some(300),
        ttft_ms: Some(310),
        overhead_us: 140,
        usage: Some(Usage { input: 250, output: 240, total: 490, ..Usage::default() }),
        cost: Some(Cost::from_pico(181_500_000)),
        custom_cost: false,
        price_id: Some("openai/gpt-4o-mini@2026-11-20".into()),
        provider_reported_cost: None,
        metadata: Some(r#"{"team":"search","user":"u-1234"}"#.into()),
        step: 0,
        attempt_index: 0,
        authentication: true,
        key_id: Some("b7f7e6e0-1c1d-4f5a-9d53-000000000001".into()),
        wholesale: false,
        byok: false,
        user_agent: Some("OpenAI/Python 2.8.1".into()),
        stream: true,
        finish_reason: Some("stop".into()),
        error: None,
        trail: Some(Box::new(trail())),
        request_size: 1024,
        response_size: 1024,
        payload,
    }
}

/// What nearly every call has of decisions.
fn trail() -> Trail {
    let line = |unit: &'static str, quantity, pico| PriceLine {
        unit: unit.into(),
        quantity,
        cost: Cost::from_pico(pico),
    };
    Trail {
        credential: Some(CredentialTrail { source: "request".into(), ..Default::default() }),
        phases: Some(Phases {
            body_us: 31,
            sent_us: Some(142),
            head_us: Some(312_345),
            first_byte_us: Some(312_402),
            ended_us: 1_234_567,
        }),
        price: Some(PriceTrail {
            by: "list".into(),
            id: Some("openai/gpt-4o-mini@2026-11-20".into()),
            lines: vec![line("input", 250, 37_500_000), line("output", 240, 144_000_000)],
            ..PriceTrail::default()
        }),
        ..Trail::default()
    }
}

pub(crate) fn stored(request: Vec<u8>, response: Vec<u8>) -> Payload {
    Payload::Stored { request, response }
}

/// A question and an answer of about 1 KB each; half of each question is the same system prompt.
pub(crate) fn chat(random: &mut Random) -> Payload {
    let (system, question) = (Random(7).prose(400), random.prose(480));
    let (id, answer) = (random.next(), random.prose(620));
    let request = format!(
        "{{\"model\":\"gpt-4o-mini\",\"temperature\":0.2,\"messages\":[{{\"role\":\"system\",\
         \"content\":\"{system}\"}},{{\"role\":\"user\",\"content\":\"{question}\"}}]}}"
    );
    let response = format!(
        "{{\"id\":\"chatcmpl-{id:x}\",\"object\":\"chat.completion\",\"created\":{},\
         \"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[{{\"index\":0,\
         \"message\":{{\"role\":\"assistant\",\"content\":\"{answer}\",\"refusal\":null}},\
         \"logprobs\":null,\"finish_reason\":\"stop\"}}],\"usage\":{{\"prompt_tokens\":{},\
         \"completion_tokens\":{},\
         \"prompt_tokens_details\":{{\"cached_tokens\":0}}}},\
         \"system_fingerprint\":\"fp_7fcd609668\"}}",
        1_795_000_000 + id % 100_000,
        id % 900,
        id % 700,
    );
    stored(request.into_bytes(), response.into_bytes())
}

/// A small generator (xorshift), the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn words(&mut self, length: usize) -> Vec<u8> {
        self.text(length, |random| random.next() % 2000).into_bytes()
    }

    pub(crate) fn prose(&mut self, length: usize) -> String {
        // The n-th word about 1/n as often as the first.
        self.text(length, |random| {
            let below = 1 + random.next() % 2000;
            random.next() % below
        })
    }

    fn text(&mut self, length: usize, draw: impl Fn(&mut Self) -> u64) -> String {
        let mut text = String::new();
        while text.len() < length {
            let word = Self((draw(self) + 1).wrapping_mul(0x2545_F491_4F6C_DD1D)).next();
            let letters = 3 + (word % 6) as u32;
            text.extend(
                (0..letters).map(|at| char::from(b'a' + (word >> (8 + at * 5)) as u8 % 26)),
            );
            text.push(' ');
        }
        text.truncate(length);
        text
    }

    pub(crate) fn noise(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| (self.next() >> 32) as u8).collect()
    }
}
