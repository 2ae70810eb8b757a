//! Who may call what: the table of routes, walked.

use http::Method;
use serde_json::json;
use weir_core::Permission;

use super::fake_logs::{FakeLogs, full_row, log_id};
use super::{GATEWAYS, LOGS, TestApi, secret};
use crate::operation::Access;
use crate::routes::{METHODS, Route};

fn test_api() -> TestApi {
    TestApi::with_logs(FakeLogs::of(vec![full_row(1)]))
}

/// A path that a route takes, whatever lies there.
fn path(route: &Route) -> String {
    let filled = route.path.split('/').map(|part| match part {
        "{account_id}" => "acc1".to_owned(),
        "{gateway_id}" => "shop".to_owned(),
        "{log_id}" => log_id(1).to_string(),
        part if part.starts_with('{') => "0".to_owned(),
        part => part.to_owned(),
    });
    format!("/client/v4{}", filled.collect::<Vec<_>>().join("/"))
}

fn method(route: &Route) -> Method {
    let (_, name) = METHODS.into_iter().find(|(method, _)| *method == route.method).unwrap();
    name.to_uppercase().parse().unwrap()
}

#[tokio::test]
async fn every_route_asks_for_a_credential_and_for_its_permission() {
    let test = test_api();
    let mut public = Vec::new();
    for route in &test.routes {
        let (path, method) = (path(route), method(route));
        let needed = match route.access {
            Access::Public => {
                public.push(route.path);
                continue;
            }
            Access::AnyToken => None,
            Access::Holds(permission) => Some(permission),
        };
        test.send(method.clone(), &path, &[]).await.error(400, 9106);
        let unknown = [("authorization", "Bearer tok-unknown")];
        assert_eq!(test.send(method.clone(), &path, &unknown).await.status, 401, "{path}");
        for held in Permission::EVERY {
            let value = format!("Bearer {}", secret(held));
            let answer = test.send(method.clone(), &path, &[("authorization", &value)]).await;
            if needed.is_none_or(|needed| held.grants(needed)) {
                // A route that is retired refuses everybody, with a code of its own.
                let is_refused = answer.status == 401
                    || answer.status == 403 && answer.json()["errors"][0]["code"] != 1000;
                assert!(!is_refused, "{held:?} at {path}");
            } else {
                let message = answer.error(403, 10000)["message"].to_string();
                let name = needed.unwrap().name();
                assert!(message.contains(&format!("'{name}'")), "{message}");
            }
        }
    }
    assert_eq!(public, ["/openapi.json"]);
}

#[tokio::test]
async fn a_token_for_some_gateways_reaches_those_and_nothing_else() {
    let test = test_api();
    let only = [("authorization", "Bearer tok-shop-only")];
    let list = test.send(Method::GET, GATEWAYS, &only).await.ok();
    assert_eq!(list["result"].as_array().unwrap().len(), 1);
    assert_eq!(list["result"][0]["id"], json!("shop"));
    for route in &test.routes {
        let Access::Holds(_) = route.access else { continue };
        let path = path(route).replace("/shop", "/default");
        let answer = test.send(method(route), &path, &only).await;
        if route.operation.id != "listGateways" {
            answer.error(403, 10000);
        }
    }
}

#[tokio::test]
async fn metadata_read_sees_rows_but_nothing_of_a_body() {
    let test = test_api();
    let log = format!("{LOGS}/{}", log_id(1));
    test.get_as(Permission::MetadataRead, LOGS).await.ok();

    let detail = test.get_as(Permission::MetadataRead, &log).await.ok();
    assert_eq!(detail["result"]["request_head"], serde_json::Value::Null);
    assert_eq!(detail["result"]["response_head"], serde_json::Value::Null);
    assert_eq!(detail["result"]["request_head_complete"], false);
    assert_eq!(detail["result"]["request_size"], 17);

    for side in ["request", "response"] {
        let answer = test.get_as(Permission::MetadataRead, &format!("{log}/{side}")).await;
        let message = answer.error(403, 10000)["message"].to_string();
        assert!(message.contains("'AI Gateway Read'"), "{message}");
    }
}

#[tokio::test]
async fn a_token_opens_its_own_account_only() {
    let test = test_api();
    for account in ["acc2", "nowhere", "ACC1"] {
        let uri = GATEWAYS.replace("acc1", account);
        test.get_as(Permission::All, &uri).await.error(403, 10000);
    }
}

#[tokio::test]
async fn dead_and_unknown_tokens_are_told_apart_by_nobody() {
    let test = test_api();
    let mut answers = Vec::new();
    for token in ["tok-revoked", "tok-expired", "tok-disabled", "tok-unknown"] {
        let value = format!("Bearer {token}");
        let answer = test.send(Method::GET, GATEWAYS, &[("authorization", &value)]).await;
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        answers.push(answer.error(401, 10000));
    }
    assert!(answers.iter().all(|answer| answer == &answers[0]));
}

#[tokio::test]
async fn a_header_that_cannot_be_read_says_so() {
    let test = test_api();
    let token = secret(Permission::Read);
    for bad in ["", "Bearer", "Bearer ", &token, "Basic dTpw", "Bearer a b", "Bearer \u{fc}"] {
        let error =
            test.send(Method::GET, GATEWAYS, &[("authorization", bad)]).await.error(400, 6003);
        assert_eq!(error["error_chain"][0]["code"], 6111, "{bad}");
    }
    let value = format!("bearer {token}");
    let twice = [("authorization", value.as_str()), ("authorization", value.as_str())];
    test.send(Method::GET, GATEWAYS, &twice).await.error(400, 6003);
    test.send(Method::GET, GATEWAYS, &twice[..1]).await.ok();
}

#[tokio::test]
async fn the_older_key_pair_carries_a_token() {
    let test = test_api();
    let (read, run) = (secret(Permission::Read), secret(Permission::Run));
    let email = ("x-auth-email", "a@example.com");
    let (key, other) = (("x-auth-key", read.as_str()), ("x-auth-key", run.as_str()));
    test.send(Method::GET, GATEWAYS, &[email, key]).await.ok();
    test.send(Method::GET, GATEWAYS, &[email, other]).await.error(403, 10000);
    test.send(Method::GET, GATEWAYS, &[email, ("x-auth-key", "k")]).await.error(401, 10000);
    for part in [email, key] {
        test.send(Method::GET, GATEWAYS, &[part]).await.error(400, 9106);
    }
    test.send(Method::GET, GATEWAYS, &[email, key, key]).await.error(400, 6003);
    let bearer = format!("Bearer {run}");
    let both = [email, key, ("authorization", bearer.as_str())];
    test.send(Method::GET, GATEWAYS, &both).await.error(403, 10000);
}
