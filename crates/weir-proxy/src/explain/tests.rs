use serde_json::{Value, json};
use weir_core::trail::{
    AttemptTrail, CacheTrail, CredentialTrail, LimitTrail, RouteTrail, Trail, Visit,
};

use super::*;

fn known() -> Known<'static> {
    let id = LogId::from_bytes([7; 16]);
    Known {
        request_id: id,
        log_id: Some(id),
        step: 0,
        provider: "openai",
        upstream_status: Some(200),
    }
}

fn told(trail: &Trail) -> (usize, Value) {
    let value = header(trail, &known()).unwrap();
    let text = value.to_str().unwrap();
    assert!(text.is_ascii() && !text.contains('\n'), "{text}");
    (text.len(), serde_json::from_str(text).unwrap())
}

fn trail() -> Trail {
    Trail {
        cache: Some(CacheTrail {
            outcome: "miss".into(),
            reason: Some("not_stored".into()),
            ..CacheTrail::default()
        }),
        limits: vec![LimitTrail {
            name: "gateway".into(),
            unit: "requests".into(),
            limit: 50,
            before: 1,
            after: 2,
            passed: true,
            ..LimitTrail::default()
        }],
        credential: Some(CredentialTrail {
            source: "stored".into(),
            id: Some("k1".into()),
            alias: Some("t\u{ea}am \u{1f980}\u{7f}".into()),
            ..CredentialTrail::default()
        }),
        attempt: Some(AttemptTrail { of: 3, kind: "first".into(), ..AttemptTrail::default() }),
        ..Trail::default()
    }
}

fn route(elements: usize) -> RouteTrail {
    let because = "if metadata.team == 'search': it was 'ads'".into();
    let visit = Visit {
        element: "n".into(),
        kind: "conditional".into(),
        output: Some("false".into()),
        because: vec![because],
    };
    RouteTrail { path: vec![visit; elements], name: "best".into(), ..RouteTrail::default() }
}

#[test]
fn it_tells_what_is_known_in_one_line() {
    let (_, told) = told(&Trail { route: Some(route(2)), ..trail() });
    assert_eq!(told["provider"], "openai");
    assert_eq!(told["log_id"], "07070707-0707-0707-0707-070707070707");
    assert_eq!(told["cache"], json!({"outcome": "miss", "reason": "not_stored"}));
    assert_eq!(told["limits"][0]["after"], 2);
    assert_eq!(told["credential"]["alias"], "t\u{ea}am \u{1f980}\u{7f}");
    assert_eq!(told["attempt"]["of"], 3);
    assert_eq!(told["route"]["path"][1]["output"], "false");
    assert_eq!(told.get("cut"), None);
}

#[test]
fn a_call_without_decisions_has_its_ids() {
    let (_, told) = told(&Trail::default());
    let mut names: Vec<&String> = told.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["log_id", "provider", "request_id", "step", "upstream_status"]);
}

#[test]
fn what_does_not_fit_is_left_out_and_named() {
    let fits = (1..100).take_while(|elements| {
        let (length, told) = told(&Trail { route: Some(route(*elements)), ..trail() });
        assert!(length <= MOST, "{length} bytes");
        assert_eq!(told["credential"]["source"], "stored", "small parts are never crowded out");
        let is_cut = told.get("route").is_none();
        assert_eq!(told.get("cut").is_some(), is_cut);
        assert!(!is_cut || told["cut"] == json!(["route"]));
        !is_cut
    });
    assert!((20..50).contains(&fits.count()));
}

#[test]
fn everything_can_be_cut() {
    let long: Box<str> = "x".repeat(5000).into();
    let cut = Trail {
        route: Some(RouteTrail { name: long.clone(), ..RouteTrail::default() }),
        cache: Some(CacheTrail { outcome: long.clone(), ..CacheTrail::default() }),
        limits: vec![LimitTrail { name: long.clone(), ..LimitTrail::default() }],
        credential: Some(CredentialTrail {
            alias: Some(long.clone()),
            ..CredentialTrail::default()
        }),
        attempt: Some(AttemptTrail { kind: long, ..AttemptTrail::default() }),
        ..Trail::default()
    };
    let (length, told) = told(&cut);
    assert!(length <= MOST);
    assert_eq!(told["cut"], json!(["attempt", "credential", "cache", "limits", "route"]));
}
