use super::*;

fn script(model: &str) -> Script {
    parse(model).unwrap().1
}

fn refusal(model: &str) -> String {
    parse(model).unwrap_err()
}

#[test]
fn a_plain_name_has_no_script() {
    for model in ["gpt-4o-mini", "anthropic/claude-x:beta", "@cf/meta/llama", ""] {
        assert_eq!(parse(model).unwrap(), (model, Script::default()));
    }
}

#[test]
fn directives_combine_in_any_order() {
    let (base, one) = parse("m;first=500;fail=2;status=503;retry-after=2").unwrap();
    assert_eq!(base, "m");
    assert_eq!(one.first, Duration::from_millis(500));
    assert_eq!((one.fail, one.retry_after), (Some(2), Some(2)));
    assert_eq!(one.status, Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(one, script("other;retry-after=2;status=503;fail=2;first=500"));
}

#[test]
fn every_key_is_understood() {
    assert!(script("m;hang").hang);
    assert!(script("m;garbage").garbage);
    assert!(script("m;gzip").gzip);
    assert_eq!(script("m;chunk=10").chunk, Duration::from_millis(10));
    assert_eq!(script("m;bytes=1000000").bytes, Some(1_000_000));
    assert_eq!(script("m;words=7").words, Some(7));
    let usage = script("m;in=1000;out=500;cached=200;cache-write=50;reasoning=100").usage;
    let expected = ReportedUsage {
        input: Some(1000),
        output: Some(500),
        cached: Some(200),
        cache_write: Some(50),
        reasoning: Some(100),
    };
    assert_eq!(usage, expected);
    for (key, trouble) in [
        ("hang-after", Trouble::Hang),
        ("cut-after", Trouble::Cut),
        ("end-after", Trouble::End),
        ("malformed-after", Trouble::Malformed),
        ("error-after", Trouble::Error),
    ] {
        let after = script(&format!("m;{key}=3")).after;
        assert_eq!(after, Some(After { events: 3, trouble }));
    }
}

#[test]
fn mistakes_are_named() {
    assert!(refusal("m;sttus=500").contains("sttus"));
    assert!(refusal("m;").contains("unknown directive"));
    assert!(refusal("m;hang=1").contains("takes no value"));
    assert!(refusal("m;first").contains("first"));
    assert!(refusal("m;first=-1").contains("first"));
    assert!(refusal("m;first=3600001").contains("3600000"));
    assert!(refusal("m;status=200").contains("400 to 599"));
    assert!(refusal("m;gzip;gzip").contains("twice"));
    assert!(refusal("m;cut-after=1;hang-after=2").contains("combined"));
}
