use super::{Count, Counts, parse, usage_from_headers};
use weir_core::Usage;

fn usage(counts: &[(Count, u64)]) -> Usage {
    let mut all = Counts::default();
    for (count, value) in counts {
        all.set(*count, *value);
    }
    all.usage().unwrap()
}

#[test]
fn the_gap_to_the_total_is_reasoning() {
    let grok = usage(&[
        (Count::Prompt, 32),
        (Count::Completion, 9),
        (Count::Reasoning, 100),
        (Count::Total, 141),
    ]);
    assert_eq!((grok.output, grok.reasoning, grok.total), (109, 100, 141));
    let inside = usage(&[
        (Count::Prompt, 32),
        (Count::Completion, 109),
        (Count::Reasoning, 100),
        (Count::Total, 141),
    ]);
    assert_eq!((inside.output, inside.reasoning), (109, 100));
    let embedding = usage(&[(Count::Prompt, 8), (Count::Total, 8)]);
    assert_eq!((embedding.input, embedding.output), (8, 0));
}

#[test]
fn cache_beside_the_input_is_added_once() {
    let plain = usage(&[
        (Count::Input, 10),
        (Count::ApartRead, 100),
        (Count::ApartWrite, 1000),
        (Count::Output, 1),
    ]);
    assert_eq!(
        (plain.input, plain.cache_read, plain.cache_write, plain.cache_write_1h),
        (1110, 100, 1000, 0)
    );
    let split = usage(&[
        (Count::Input, 10),
        (Count::ApartWrite, 1000),
        (Count::Write5m, 400),
        (Count::Write1h, 600),
        (Count::Output, 1),
    ]);
    assert_eq!((split.input, split.cache_write, split.cache_write_1h), (1010, 400, 600));
    let within = usage(&[(Count::Input, 10), (Count::Cached, 8), (Count::Output, 1)]);
    assert_eq!((within.input, within.cache_read), (10, 8));
}

#[test]
fn counts_are_whole_numbers() {
    assert_eq!(parse(b"12"), Some(12));
    assert_eq!(parse(b"12.0"), Some(12));
    assert_eq!(parse(b"1.2e1"), Some(12));
    for junk in ["-1", "\"12\"", "true", "1e300", ""] {
        assert_eq!(parse(junk.as_bytes()), None, "{junk}");
    }
}

#[test]
fn bedrock_reports_in_headers() {
    let usage = usage_from_headers(|name| match name {
        "x-amzn-bedrock-input-token-count" => Some("12"),
        "x-amzn-bedrock-output-token-count" => Some("5"),
        "x-amzn-bedrock-cache-read-input-token-count" => Some("100"),
        _ => None,
    });
    assert_eq!(
        usage,
        Some(Usage { input: 112, output: 5, total: 117, cache_read: 100, ..Usage::default() })
    );
    assert_eq!(usage_from_headers(|_| None), None);
    assert_eq!(usage_from_headers(|_| Some("junk")), None);
}
