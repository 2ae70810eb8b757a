//! Who may call what: the table of routes, walked.

use axum::routing::MethodFilter;
use http::Method;
use weir_core::Permission;

use super::fake::{FakeLogs, full_row, log_id};
use super::{GATEWAYS, LOGS, TestApi, secret};
use crate::routes::{Route, table};

fn test_api() -> TestApi {
    TestApi::new(FakeLogs::of(vec![full_row(1)]))
}

/// Every route, with a path that leads to something.
fn routes(test: &TestApi) -> Vec<(Route, String)> {
    let with_path = |route: &Route| {
        let path = route
            .path
            .replace("{account_id}", "acc1")
            .replace("{gateway_id}", "shop")
            .replace("{log_id}", &log_id(1).to_string());
        (*route, format!("/client/v4{path}"))
    };
    table(&test.api).routes().iter().map(with_path).collect()
}

fn method(route: &Route) -> Method {
    assert_eq!(route.method, MethodFilter::GET, "name the method of {} here", route.path);
    Method::GET
}

#[tokio::test]
async fn every_route_asks_for_a_credential_and_for_its_permission() {
    let test = test_api();
    let routes = routes(&test);
    assert_eq!(routes.len(), 6);
    for (route, path) in routes {
        test.send(method(&route), &path, &[]).await.error(400, 9106);
        for held in Permission::EVERY {
            let value = format!("Bearer {}", secret(held));
            let answer = test.send(method(&route), &path, &[("authorization", &value)]).await;
            if held.grants(route.permission) {
                assert_eq!(answer.status, 200, "{held:?} at {path}");
            } else {
                let message = answer.error(403, 10000)["message"].to_string();
                assert!(message.contains(&format!("'{}'", route.permission.name())), "{message}");
            }
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
    for token in ["tok-revoked", "tok-expired", "tok-unknown"] {
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
async fn the_older_key_pair_is_not_a_credential_here() {
    let headers = [("x-auth-email", "a@example.com"), ("x-auth-key", "k")];
    test_api().send(Method::GET, GATEWAYS, &headers).await.error(400, 9106);
}
