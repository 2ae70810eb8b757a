use proptest::prelude::*;

use super::*;

fn asked(body: &str) -> Option<String> {
    ask(body.as_bytes()).map(|body| String::from_utf8(body).unwrap())
}

#[test]
fn the_option_goes_in_and_every_other_byte_stays() {
    assert_eq!(
        asked("{\"stream\" : true, \"model\":\"m\" }\n").unwrap(),
        "{\"stream\" : true, \"model\":\"m\" ,\"stream_options\":{\"include_usage\":true}}\n"
    );
}

#[test]
fn a_client_that_chose_or_does_not_stream_is_left_alone() {
    for body in [
        r#"{"model":"m"}"#,
        r#"{"stream":false}"#,
        r#"{"stream":true,"stream_options":{"include_usage":false}}"#,
        r#"{"stream":true,"stream_options":{}}"#,
        r#"{"stream":true,"stream_options":null}"#,
        r#"{"stream":true,"stream":true}"#,
        r#"{"stream":true"#,
        r#"["stream",true]"#,
        r#"{"messages":[{"stream":true}]}"#,
        "",
    ] {
        assert_eq!(asked(body), None, "{body}");
    }
}

const STREAM: &str = "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n\
    : comment\n\n\
    data: {\"choices\":[{\"delta\":{\"content\":\"a\\n\\nb \\\"usage\\\"\"}}],\"usage\":null}\n\n\
    data: {\"choices\": [ ],\"usage\":{\"prompt_tokens\":1}}\n\n\
    data: [DONE]\n\n";

fn expected(stream: &str) -> String {
    let events: Vec<&str> = stream.split_inclusive("\n\n").collect();
    events.into_iter().filter(|event| !event.contains("prompt_tokens")).collect()
}

fn filtered(stream: &[u8], cuts: &[usize]) -> String {
    let mut filter = UsageEventFilter::default();
    let mut passed = Vec::new();
    let mut from = 0;
    for &cut in cuts {
        passed.extend(filter.push(&stream[from..cut]));
        from = cut;
    }
    passed.extend(filter.push(&stream[from..]));
    passed.extend(filter.finish());
    String::from_utf8(passed).unwrap()
}

#[test]
fn only_the_extra_event_is_taken_out_wherever_the_stream_is_cut() {
    for ending in ["\n\n", "\r\n\r\n"] {
        let stream = STREAM.replace("\n\n", ending);
        for cut in 0..=stream.len() {
            assert_eq!(
                filtered(stream.as_bytes(), &[cut]).replace("\r\n", "\n"),
                expected(STREAM),
                "cut at {cut}"
            );
        }
    }
}

#[test]
fn a_stream_that_ends_inside_an_event_loses_nothing() {
    let cut_off = "data: {\"choices\":[{}]}\n\ndata: {\"cho";
    assert_eq!(filtered(cut_off.as_bytes(), &[]), cut_off);
}

#[test]
fn an_endless_event_passes_without_being_kept() {
    let mut filter = UsageEventFilter::default();
    let part = vec![b'x'; 50_000];
    let passed: usize = (0..100).map(|_| filter.push(&part).len()).sum();
    assert!(passed >= 100 * 50_000 - LONGEST);
    assert!(filter.held.len() <= LONGEST);
}

proptest! {
    #[test]
    fn other_bytes_pass_unchanged(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        cuts in prop::collection::vec(0..400_usize, 0..6),
    ) {
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut <= bytes.len()).collect();
        cuts.sort_unstable();
        let mut filter = UsageEventFilter::default();
        let mut passed = Vec::new();
        let mut from = 0;
        for cut in cuts {
            passed.extend(filter.push(&bytes[from..cut]));
            from = cut;
        }
        passed.extend(filter.push(&bytes[from..]));
        passed.extend(filter.finish());
        prop_assert_eq!(passed, bytes);
    }
}
