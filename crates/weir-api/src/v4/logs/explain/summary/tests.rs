use weir_core::log::LogError;
use weir_core::trail::{AttemptTrail, Phases, PriceTrail, Trail, Visit};

use super::super::view::Explanation;
use super::*;
use crate::tests::fake_logs::full_row;

fn stored(record: LogRecord) -> StoredLog {
    StoredLog {
        record,
        payload_stored: false,
        feedback: None,
        score: None,
        cost_history: Vec::new(),
    }
}

/// A try of `full_row` that the provider refused with 503 after 120 ms.
fn failed(n: u8) -> LogRecord {
    LogRecord {
        status_code: Some(503),
        upstream_status_code: Some(503),
        success: false,
        finish_reason: None,
        duration_ms: 120,
        cost: Some(Cost::ZERO),
        trail: Some(Box::default()),
        ..full_row(n)
    }
}

fn retried(n: u8) -> LogRecord {
    let attempt =
        AttemptTrail { index: 1, kind: "retry".into(), waited_ms: Some(100), ..Default::default() };
    let trail = Trail { attempt: Some(attempt), ..Trail::default() };
    LogRecord { trail: Some(Box::new(trail)), ..full_row(n) }
}

fn told(records: Vec<LogRecord>) -> Vec<String> {
    let rows: Vec<StoredLog> = records.into_iter().map(stored).collect();
    let shown = serde_json::to_value(Explanation::of(&rows, rows.len() as u64)).unwrap();
    let sentences: Vec<String> = serde_json::from_value(shown["summary"].clone()).unwrap();
    assert!((3..=8).contains(&sentences.len()), "{sentences:?}");
    assert!(sentences.iter().all(|sentence| sentence.ends_with('.')), "{sentences:?}");
    sentences
}

fn with(change: impl Fn(&mut Trail)) -> Vec<String> {
    let mut trail = Trail::default();
    change(&mut trail);
    told(vec![LogRecord { trail: Some(Box::new(trail)), ..full_row(1) }])
}

#[test]
fn a_row_of_an_older_version_tells_what_it_has() {
    assert_eq!(
        told(vec![full_row(1)]),
        [
            "Decisions were not recorded: the row is of a version that kept none.",
            "The only try, at openai/gpt-4o-mini, succeeded after 1.2 s.",
            "It was over after 1.2 s.",
            "It cost $0.00002.",
        ]
    );
}

#[test]
fn a_retry_is_told_with_what_it_came_after() {
    assert_eq!(
        told(vec![failed(1), retried(2)])[0],
        "The first try at openai/gpt-4o-mini failed with 503 after 120 ms; a second try 100 ms \
         later succeeded after 1.2 s."
    );
    let elsewhere = LogRecord { provider: "anthropic".into(), model: "".into(), ..retried(2) };
    assert_eq!(
        told(vec![failed(1), elsewhere.clone()])[0],
        "The first try at openai/gpt-4o-mini failed with 503 after 120 ms; a second try 100 ms \
         later at anthropic succeeded after 1.2 s."
    );
    assert_eq!(
        told(vec![failed(1), failed(2), retried(3)])[0],
        "The first try at openai/gpt-4o-mini failed with 503 after 120 ms; a second one failed \
         with 503 after 120 ms; a third 100 ms later succeeded after 1.2 s."
    );
    assert_eq!(
        told(vec![failed(1), failed(2), failed(3), failed(4), elsewhere])[0],
        "The first try at openai/gpt-4o-mini failed with 503 after 120 ms; 3 more did not help; \
         the last of 5 100 ms later at anthropic succeeded after 1.2 s."
    );
}

#[test]
fn ends_are_told_apart() {
    let error = |code: &str| Some(LogError { code: code.into(), message: "m".into() });
    let base = || LogRecord { success: false, finish_reason: None, ..failed(1) };
    let of = |record: LogRecord| told(vec![record])[0].clone();
    let broken = LogRecord {
        status_code: Some(200),
        upstream_status_code: Some(200),
        error: error("stream_truncated"),
        ..base()
    };
    assert_eq!(
        of(broken),
        "The only try, at openai/gpt-4o-mini, failed with 'stream_truncated' after 120 ms."
    );
    let left = LogRecord { finish_reason: Some("client_disconnect".into()), ..base() };
    assert!(of(left).ends_with("was given up by the client after 120 ms."));
    let refused = LogRecord {
        status_code: Some(429),
        upstream_status_code: None,
        error: error("rate_limited"),
        ..base()
    };
    assert_eq!(of(refused), "No provider was called: the gateway refused with 429 (rate_limited).");
    let phases = Phases { sent_us: Some(1), ..Phases::default() };
    let silent = LogRecord {
        status_code: Some(504),
        upstream_status_code: None,
        error: error("timeout"),
        trail: Some(Box::new(Trail { phases: Some(phases), ..Trail::default() })),
        ..base()
    };
    assert!(of(silent).ends_with("failed with 504 (timeout) after 120 ms."));
}

#[test]
fn the_cache_says_why() {
    for (outcome, reason, sentence) in [
        ("miss", Some("not_stored"), "The cache had no entry for this key."),
        ("miss", Some("expired"), "The cache's entry for this key had expired."),
        ("miss", Some("ttl_zero"), "The cache gave no answer (ttl_zero)."),
        ("joined", None, "An identical call was under way, and its answer was shared."),
        ("off", Some("method"), "The cache was off (method)."),
    ] {
        let cache = CacheTrail {
            outcome: outcome.into(),
            reason: reason.map(Into::into),
            ..CacheTrail::default()
        };
        assert_eq!(with(|trail| trail.cache = Some(cache.clone()))[0], sentence);
    }
    let compared = |similarity| CacheTrail {
        outcome: "miss".into(),
        reason: Some("none_alike".into()),
        similarity,
        ..CacheTrail::default()
    };
    assert_eq!(
        with(|trail| trail.cache = Some(compared(Some(0.5))))[0],
        "The cache had no question that is alike enough; the best was 0.500."
    );
    assert_eq!(
        with(|trail| trail.cache = Some(compared(None)))[0],
        "The cache had no question to compare this one with."
    );
    let hit = CacheTrail {
        outcome: "hit".into(),
        from: Some("0199".into()),
        saved: Some(0.25),
        ..CacheTrail::default()
    };
    let trail = Trail { cache: Some(hit), ..Trail::default() };
    let row = LogRecord {
        cached: true,
        cost: Some(Cost::ZERO),
        trail: Some(Box::new(trail)),
        ..full_row(1)
    };
    assert_eq!(
        told(vec![row]),
        [
            "The answer came out of the cache, from call 0199, and saved $0.25.",
            "No provider was called.",
            "It was over after 1.2 s.",
            "It cost nothing.",
        ]
    );
}

#[test]
fn a_questions_vector_is_no_try() {
    let cache = CacheTrail {
        outcome: "hit".into(),
        reason: Some("alike".into()),
        similarity: Some(0.9375),
        from: Some("0199".into()),
        ..CacheTrail::default()
    };
    let trail = Trail { cache: Some(cache), ..Trail::default() };
    let hit = LogRecord {
        cached: true,
        cost: Some(Cost::ZERO),
        trail: Some(Box::new(trail)),
        ..full_row(1)
    };
    let attempt = AttemptTrail { kind: "embedding".into(), ..AttemptTrail::default() };
    let missed = CacheTrail { outcome: "miss".into(), ..CacheTrail::default() };
    let trail = Trail { attempt: Some(attempt), cache: Some(missed), ..Trail::default() };
    let vector = LogRecord {
        provider: "mistral".into(),
        trail: Some(Box::new(trail)),
        cost: Some(Cost::from_pico(2_000_000)),
        ..full_row(2)
    };
    assert_eq!(
        told(vec![hit, vector]),
        [
            "The answer came out of the cache for a like question (0.938), from call 0199.",
            "No provider was called.",
            "It was over after 1.2 s.",
            "It cost $0.000002.",
        ]
    );
}

#[test]
fn limits_are_told_by_the_one_that_matters() {
    let limit = |name: &str, limit, after: u64, passed| LimitTrail {
        name: name.into(),
        unit: "requests".into(),
        limit,
        window: Some(60),
        before: after.saturating_sub(1),
        after,
        passed,
        ..LimitTrail::default()
    };
    let of = |limits: Vec<LimitTrail>| with(|trail| trail.limits.clone_from(&limits))[0].clone();
    assert_eq!(
        of(vec![limit("gateway", 50, 2, true)]),
        "Limit 'gateway' had room: 2 of 50 requests were used in 60 s."
    );
    assert_eq!(
        of(vec![limit("a", 50, 2, true), limit("b", 10, 9, true)]),
        "All 2 limits had room; the tightest was 'b': 9 of 10 requests were used in 60 s."
    );
    let full = LimitTrail { before: 50, of: Some("u-1".into()), ..limit("gateway", 50, 50, false) };
    assert_eq!(
        of(vec![limit("a", 9, 2, true), full]),
        "Limit 'gateway' stopped the call: 50 of 50 requests were used for u-1 in 60 s."
    );
}

#[test]
fn route_key_time_and_price_have_a_sentence_each() {
    let visit = |kind: &str, output: Option<&str>, because: &[&str]| Visit {
        kind: kind.into(),
        output: output.map(Into::into),
        because: because.iter().map(|&text| text.into()).collect(),
        ..Visit::default()
    };
    let line = |unit: &'static str, quantity, pico| PriceLine {
        unit: unit.into(),
        quantity,
        cost: Cost::from_pico(pico),
    };
    let sentences = with(|trail| {
        trail.route = Some(RouteTrail {
            name: "best".into(),
            path: vec![
                visit("start", Some("next"), &[]),
                visit("conditional", Some("true"), &["metadata.team is 'search'"]),
                visit("model", None, &[]),
            ],
            ..RouteTrail::default()
        });
        trail.credential = Some(CredentialTrail {
            source: "stored".into(),
            alias: Some("team".into()),
            ..CredentialTrail::default()
        });
        let (sent_us, head_us) = (Some(200), Some(312_200));
        trail.phases = Some(Phases { sent_us, head_us, ..Phases::default() });
        trail.price = Some(PriceTrail {
            by: "list".into(),
            id: None,
            lines: vec![line("input", 10, 1_500_000), line("output", 5, 3_000_000)],
            ..PriceTrail::default()
        });
    });
    assert_eq!(
        sentences,
        [
            "Route 'best' led here: start, then conditional took 'true' (metadata.team is \
             'search'), then model.",
            "The only try, at openai/gpt-4o-mini, succeeded after 1.2 s.",
            "The stored key 'team' was used.",
            "Weir itself took 0.3 ms; the provider began its answer 312 ms after it was asked.",
            "It cost $0.00002: 10 input for $0.0000015, 5 output for $0.000003.",
        ]
    );
}
