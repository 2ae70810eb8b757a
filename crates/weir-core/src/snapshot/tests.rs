use serde_json::json;

use super::*;
use crate::clock::Timestamp;
use crate::config::Resource as _;
use crate::route::{Route, RouteDeployment, RouteVersion};

fn token(secret: &str) -> ApiToken {
    ApiToken {
        id: secret.into(),
        account_id: "acc1".into(),
        name: secret.to_owned(),
        hash: TokenHash::of(secret.as_bytes()),
        length: u16::try_from(secret.len()).unwrap(),
        permissions: Vec::new(),
        gateways: None,
        models: None,
        ip_allow: Vec::new(),
        budgets: Vec::new(),
        disabled: false,
        not_before: None,
        created_at: Timestamp::from_millis(0),
        expires_at: None,
        modified_at: None,
        revoked_at: None,
    }
}

#[test]
fn tokens_are_found_by_value_whatever_their_length() {
    let long = "x".repeat(700);
    let mut configuration = Configuration::default();
    for token in [token("tok-run"), token(&long)] {
        configuration.put(&token.into_object());
    }
    let snapshot = Snapshot::new(configuration);
    assert_eq!(snapshot.token(b"tok-run").unwrap().name, "tok-run");
    assert_eq!(snapshot.token(long.as_bytes()).unwrap().name, long);
    assert!(snapshot.token(b"tok-rum").is_none());
    assert!(snapshot.token(b"").is_none());
    assert!(snapshot.token("y".repeat(900).as_bytes()).is_none());
}

fn route(id: &str, name: &str) -> Route {
    let at = Timestamp::from_millis(0);
    let version = |id: &str, provider: &str| RouteVersion {
        id: id.into(),
        elements: Arc::new(json!([
            {"id": "s", "type": "start", "outputs": {"next": {"elementId": "m"}}},
            {"id": "m", "type": "model", "outputs": {"success": {"elementId": "e"}}, "properties":
                {"provider": provider, "model": "m", "timeout": 1, "retries": 0}},
            {"id": "e", "type": "end"}
        ])),
        comment: None,
        created_at: at,
    };
    Route {
        id: id.into(),
        account_id: "acc1".into(),
        gateway_id: "shop".into(),
        name: name.to_owned(),
        versions: vec![version("v1", "custom-gone"), version("v2", "openai")],
        deployments: vec![deployment("v1")],
        created_at: at,
        modified_at: at,
    }
}

fn deployment(version: &str) -> RouteDeployment {
    RouteDeployment {
        id: "d".into(),
        version_id: version.into(),
        comment: None,
        created_at: Timestamp::from_millis(0),
    }
}

#[test]
fn routes_are_found_by_name_in_their_gateway() {
    let mut configuration = Configuration::default();
    configuration.put(&route("1", "support").into_object());
    let mut unreadable = route("2", "unreadable");
    unreadable.versions[0].elements = Arc::new(json!([]));
    configuration.put(&unreadable.into_object());
    let snapshot = Snapshot::new(configuration);
    let found = snapshot.route("acc1", "shop", "support").unwrap();
    assert_eq!((&*found.route_id, &*found.name, &*found.version_id), ("1", "support", "v1"));
    assert_eq!(found.graph.iter().count(), 3);
    assert!(snapshot.route("acc1", "shop", "Support").is_none());
    assert!(snapshot.route("acc1", "other", "support").is_none());
    assert!(snapshot.route("acc2", "shop", "support").is_none());
    assert!(snapshot.route("acc1", "shop", "unreadable").is_none());
}

#[test]
fn a_route_is_read_again_only_when_it_is_deployed_anew() {
    let mut configuration = Configuration::default();
    configuration.put(&route("1", "support").into_object());
    let first = Snapshot::new(configuration.clone());
    let graph = |snapshot: &Snapshot, name: &str| {
        snapshot.route("acc1", "shop", name).map(|route| Arc::clone(&route.graph))
    };
    let second = Snapshot::after(&first, configuration.clone());
    let (before, after) = (graph(&first, "support"), graph(&second, "support"));
    assert!(Arc::ptr_eq(&before.unwrap(), &after.unwrap()));

    let mut changed = route("1", "support");
    changed.deploy(deployment("v2"));
    configuration.put(&changed.into_object());
    let third = Snapshot::after(&second, configuration.clone());
    assert_eq!(&*third.route("acc1", "shop", "support").unwrap().version_id, "v2");

    configuration.put(&Route { name: "help".to_owned(), ..route("1", "") }.into_object());
    let fourth = Snapshot::after(&third, configuration);
    assert!(graph(&fourth, "support").is_none());
    assert_eq!(&*fourth.route("acc1", "shop", "help").unwrap().version_id, "v1");
}
