use super::*;
use crate::contract::{full_trail, ordinary_trail};

const PRICE: &str = "openai/gpt-4o-mini@2026-11-20";

fn through(trail: &Trail, price_id: Option<&str>) -> Option<Trail> {
    decode(&encode(trail, price_id), price_id.map(Arc::from).as_ref())
}

#[test]
fn an_ordinary_trail_is_short() {
    let text = encode(&ordinary_trail(), Some(PRICE));
    let expected = r#"{"c":"request","t":[31,142,312203,57,922165],"#.to_owned()
        + r#""p":["list",[["input",250,37500000],["output",240,144000000]]]}"#;
    assert_eq!(text, expected);
    assert!(text.len() < 120, "{}", text.len());
    assert_eq!(encode(&Trail::default(), None), "{}");
}

#[test]
fn what_is_written_is_read() {
    for trail in [Trail::default(), ordinary_trail(), full_trail(1)] {
        for price_id in [None, Some(PRICE), Some("another")] {
            assert_eq!(through(&trail, price_id).as_ref(), Some(&trail));
        }
    }
    let priceless = Trail { price: Some(PriceTrail::default()), ..Trail::default() };
    assert_eq!(through(&priceless, Some(PRICE)), Some(priceless));
}

#[test]
fn a_retry_is_told_from_the_only_try() {
    for (index, of) in [(0, 1), (0, 3), (1, 1)] {
        let attempt = AttemptTrail { index, of, kind: "first".into(), ..AttemptTrail::default() };
        let trail = Trail { attempt: Some(attempt), ..Trail::default() };
        assert_eq!(through(&trail, None), Some(trail));
    }
}

#[test]
fn moments_out_of_order_come_back() {
    let phases = Phases { sent_us: Some(50), head_us: Some(20), ended_us: 10, ..Phases::default() };
    let trail = Trail { phases: Some(phases), ..Trail::default() };
    assert_eq!(through(&trail, None), Some(trail));
}

#[test]
fn what_a_newer_version_wrote_is_no_trail_or_is_read_in_part() {
    assert_eq!(decode("", None), None);
    assert_eq!(decode(r#"{"t":"later"}"#, None), None);
    let known = decode(r#"{"c":"request","z":[1]}"#, None).unwrap();
    assert_eq!(known.credential.unwrap().source, "request");
}
