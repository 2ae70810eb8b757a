use serde_json::json;

use super::*;
use crate::config::Resource as _;

fn version(n: usize) -> RouteVersion {
    let created_at = Timestamp::from_millis(0);
    RouteVersion {
        id: n.to_string().into(),
        elements: Arc::new(json!([])),
        comment: None,
        created_at,
    }
}

fn deployment(version: usize) -> RouteDeployment {
    RouteDeployment {
        id: format!("d{version}").into(),
        version_id: version.to_string().into(),
        comment: None,
        created_at: Timestamp::from_millis(0),
    }
}

fn route() -> Route {
    Route {
        id: "1".into(),
        account_id: "acc1".into(),
        gateway_id: "shop".into(),
        name: "r".to_owned(),
        versions: vec![version(0)],
        deployments: vec![deployment(0)],
        created_at: Timestamp::from_millis(0),
        modified_at: Timestamp::from_millis(0),
    }
}

#[test]
fn names_follow_the_published_rule() {
    for good in ["a", "0", "Support-2_b", &"x".repeat(64)] {
        assert_eq!(Route::check_name(good), Ok(()), "{good}");
    }
    for bad in ["", "-a", "_a", "a b", "a/b", "ü", &"x".repeat(65)] {
        assert!(Route::check_name(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_history_is_bounded_and_the_version_in_force_is_never_lost() {
    let mut route = route();
    for n in 1..=Route::MOST_KEPT + 5 {
        let gone = route.add_version(version(n));
        assert_eq!(gone.is_some(), n >= Route::MOST_KEPT, "{n}");
    }
    assert_eq!(route.versions.len(), Route::MOST_KEPT);
    assert_eq!(&*route.deployed().unwrap().id, "0");
    assert!(route.version("1").is_none());
    for n in 0..Route::MOST_KEPT + 5 {
        route.deploy(deployment(n));
    }
    assert_eq!(route.deployments.len(), Route::MOST_KEPT);
    assert_eq!(&*route.deployed().unwrap().id, "104");
}

#[test]
fn an_audit_record_does_not_repeat_the_history() {
    let mut route = route();
    for n in 1..=3 {
        route.add_version(version(n));
    }
    route.deploy(deployment(1));
    let stored = serde_json::to_value(&route).unwrap();
    let shown = route.into_object().masked();
    let whole = |value: &Value| -> Vec<bool> {
        let versions = value["versions"].as_array().unwrap();
        versions.iter().map(|version| version.get("elements").is_some()).collect()
    };
    assert_eq!(whole(&stored), [true; 4]);
    // The deployed one and the newest.
    assert_eq!(whole(&shown), [false, true, false, true]);
    assert_eq!(shown["versions"][0]["id"], "0");
    assert_eq!(shown["deployments"], stored["deployments"]);
}
