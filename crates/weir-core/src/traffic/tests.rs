use super::*;
use crate::GatewaySettings;

fn limit(json: &str) -> RateLimit {
    serde_json::from_str(json).unwrap()
}

fn places(limits: &[RateLimit]) -> Vec<String> {
    let settings = GatewaySettings { rate_limits: limits.to_vec(), ..GatewaySettings::default() };
    settings.faults().iter().map(|fault| fault.path.join(".")).collect()
}

#[test]
fn a_sensible_list_has_no_faults() {
    let limits = [
        limit(r#"{"id":"a","by":"gateway","unit":"requests","limit":1,"interval":60}"#),
        limit(
            r#"{"id":"b","by":"metadata.user","unit":"tokens","limit":5,"interval":1,
                "technique":"sliding"}"#,
        ),
        limit(r#"{"id":"c","by":"token","unit":"concurrent","limit":3}"#),
    ];
    assert_eq!(places(&limits), Vec::<String>::new());
    for limit in &limits {
        let text = serde_json::to_string(limit).unwrap();
        assert_eq!(&serde_json::from_str::<RateLimit>(&text).unwrap(), limit);
    }
}

#[test]
fn every_fault_names_its_place() {
    let requests = limit(r#"{"id":"a","by":"model","unit":"requests","limit":1,"interval":60}"#);
    let concurrent = limit(r#"{"id":"a","by":"model","unit":"concurrent","limit":1}"#);
    let cases = [
        (RateLimit { id: String::new(), ..requests.clone() }, "0.id"),
        (RateLimit { id: "a b".to_owned(), ..requests.clone() }, "0.id"),
        (RateLimit { id: "gateway".to_owned(), ..requests.clone() }, "0.id"),
        (RateLimit { limit: 0, ..requests.clone() }, "0.limit"),
        (RateLimit { interval: None, ..requests.clone() }, "0.interval"),
        (RateLimit { interval: Some(0), ..requests.clone() }, "0.interval"),
        (RateLimit { interval: Some(1), ..concurrent.clone() }, "0.interval"),
        (RateLimit { technique: Technique::Sliding, ..concurrent.clone() }, "0.technique"),
    ];
    for (limit, place) in cases {
        assert_eq!(places(&[limit]), [format!("rate_limits.{place}")]);
    }
    assert_eq!(places(&[requests.clone(), concurrent]), ["rate_limits.1.id"]);
    let many: Vec<_> = (0..=RateLimit::MOST)
        .map(|n| RateLimit { id: format!("r{n}"), ..requests.clone() })
        .collect();
    assert_eq!(places(&many), ["rate_limits"]);
}

#[test]
fn whose_calls_count_together_is_one_of_four_words() {
    for good in ["gateway", "token", "model", "metadata.user", "metadata.a.b"] {
        assert_eq!(String::from(LimitBy::parse(good).unwrap()), good);
    }
    for wrong in ["", "user", "metadata", "metadata.", "Gateway", "metadata_user"] {
        assert!(LimitBy::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn likeness_is_above_nothing_and_at_most_the_same() {
    let faults = |threshold| {
        let cache_semantic =
            Some(SemanticCache { provider: String::new(), model: String::new(), threshold });
        GatewaySettings { cache_semantic, ..GatewaySettings::default() }.faults()
    };
    assert!(faults(1.0).is_empty() && faults(0.001).is_empty());
    for wrong in [0.0, -0.0, -1.0, 1.001, f64::NAN] {
        assert_eq!(faults(wrong)[0].path, ["cache_semantic", "threshold"], "{wrong}");
    }
}
