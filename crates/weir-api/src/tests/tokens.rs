//! Tokens verified, made, changed, rolled and revoked.

use http::Method;
use serde_json::{Value, json};
use weir_core::{Gateway, Permission, Timestamp};

use super::{Answer, GATEWAYS, TestApi, secret};

const TOKENS: &str = "/client/v4/accounts/acc1/tokens";
const VERIFY: [&str; 2] =
    ["/client/v4/user/tokens/verify", "/client/v4/accounts/acc1/tokens/verify"];

async fn as_token(test: &TestApi, value: &str, method: Method, uri: &str) -> Answer {
    test.send(method, uri, &[("authorization", &format!("Bearer {value}"))]).await
}

async fn create(test: &TestApi, more: &Value) -> Value {
    let mut body = json!({"name": "ci", "permissions": ["AI Gateway Read"]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    test.post(TOKENS, &body).await.ok()["result"].clone()
}

fn one(token: &Value) -> String {
    format!("{TOKENS}/{}", token["id"].as_str().unwrap())
}

fn value(token: &Value) -> &str {
    token["value"].as_str().unwrap()
}

#[tokio::test]
async fn a_token_learns_what_it_is_worth() {
    let test = TestApi::new();
    for uri in VERIFY {
        for (token, status) in
            [("tok-*", "active"), ("tok-expired", "expired"), ("tok-disabled", "disabled")]
        {
            let result = as_token(&test, token, Method::GET, uri).await.ok()["result"].clone();
            assert_eq!((&result["id"], &result["status"]), (&json!(token), &json!(status)));
        }
        as_token(&test, &secret(Permission::Run), Method::GET, uri).await.ok();
        for token in ["tok-revoked", "tok-unknown"] {
            as_token(&test, token, Method::GET, uri).await.error(401, 1000);
        }
    }
    as_token(&test, "tok-*", Method::GET, &VERIFY[1].replace("acc1", "acc2"))
        .await
        .error(403, 10000);
    let expired = as_token(&test, "tok-expired", Method::GET, VERIFY[0]).await.ok();
    assert_eq!(expired["result"]["expires_on"], "1970-01-01T00:00:00.001Z");
    let later = json!({"not_before": "2999-01-01T00:00:00Z"});
    let later = create(&test, &later).await;
    let result =
        as_token(&test, value(&later), Method::GET, VERIFY[1]).await.ok()["result"].clone();
    assert_eq!(
        (&result["status"], &result["not_before"]),
        (&json!("active"), &json!("2999-01-01T00:00:00.000Z"))
    );
    as_token(&test, value(&later), Method::GET, GATEWAYS).await.error(401, 10000);
}

#[tokio::test]
async fn the_value_is_shown_once_and_works_at_once() {
    let test = TestApi::new();
    let made =
        create(&test, &json!({"gateways": ["shop"], "expires_on": "2999-01-01T00:00:00Z"})).await;
    let secret = value(&made).to_owned();
    assert!(secret.starts_with("weir_") && secret.len() == 5 + 64, "{secret}");
    assert_eq!(made["status"], "active");
    let list = as_token(&test, &secret, Method::GET, GATEWAYS).await.ok();
    assert_eq!(list["result"].as_array().unwrap().len(), 1);

    let mut shown = made.clone();
    shown.as_object_mut().unwrap().remove("value");
    assert_eq!(test.get(&one(&made)).await.ok()["result"], shown);
    let all = test.get(&format!("{TOKENS}?search=CI")).await.ok();
    assert_eq!(all["result"], json!([shown]));
    for uri in [TOKENS.to_owned(), one(&made), "/client/v4/accounts/acc1/audit_logs".to_owned()] {
        let body = String::from_utf8(test.get(&uri).await.body).unwrap();
        assert!(!body.contains(&secret[..20]), "{body}");
    }
}

#[tokio::test]
async fn what_is_left_out_stays_and_null_clears() {
    let test = TestApi::new();
    let made =
        create(&test, &json!({"gateways": ["shop"], "expires_on": "2999-01-01T00:00:00Z"})).await;
    let uri = one(&made);
    let result = test.put(&uri, &json!({"name": "new"})).await.ok()["result"].clone();
    assert_eq!((&result["name"], &result["gateways"]), (&json!("new"), &json!(["shop"])));
    assert_eq!(result["expires_on"], made["expires_on"]);
    let clear = json!({"gateways": null, "expires_on": null, "permissions": ["AI Gateway Run", "AI Gateway Run"]});
    let result = test.put(&uri, &clear).await.ok()["result"].clone();
    assert_eq!((&result["gateways"], &result["expires_on"]), (&Value::Null, &Value::Null));
    assert_eq!(result["permissions"], json!(["AI Gateway Run"]));
    // What is read can be written back.
    let again = test.put(&uri, &result).await.ok();
    let mut written = again["result"].clone();
    written["modified_on"] = result["modified_on"].clone();
    assert_eq!((&written, &again["messages"]), (&result, &json!([])));

    let disabled = test.put(&uri, &json!({"disabled": true})).await.ok();
    assert_eq!(disabled["result"]["status"], "disabled");
    let state = as_token(&test, value(&made), Method::GET, VERIFY[0]).await.ok();
    assert_eq!(state["result"]["status"], "disabled");
    let past = json!({"disabled": false, "expires_on": "2020-01-01T00:00:00Z"});
    assert_eq!(test.put(&uri, &past).await.ok()["result"]["status"], "expired");
}

#[tokio::test]
async fn a_token_of_a_gateway_that_is_gone_can_still_be_changed() {
    let test = TestApi::new();
    let made = create(&test, &json!({"gateways": ["shop"]})).await;
    test.delete(&format!("{GATEWAYS}/shop")).await.ok();
    test.put(&one(&made), &json!({"gateways": ["shop", "default"]})).await.ok();
    let error =
        test.put(&one(&made), &json!({"gateways": ["shop", "none"]})).await.error(400, 7001);
    assert_eq!(error["path"], json!(["body", "gateways", "1"]));
}

#[tokio::test]
async fn a_rolled_value_ends_the_former_one() {
    let test = TestApi::new();
    let made = create(&test, &json!({})).await;
    let rolled = test.put(&format!("{}/value", one(&made)), &json!({})).await.ok();
    let fresh = rolled["result"].as_str().unwrap();
    assert_ne!(fresh, value(&made));
    as_token(&test, value(&made), Method::GET, GATEWAYS).await.error(401, 10000);
    as_token(&test, fresh, Method::GET, GATEWAYS).await.ok();
    // The settings may name the former value: the next start must find that it ended.
    let snapshot = test.api().configuration.snapshot();
    let former = snapshot.token(value(&made).as_bytes()).unwrap();
    assert!(former.revoked_at.is_some());
    assert_ne!(&*former.id, made["id"].as_str().unwrap());
    let listed = test.get(&format!("{TOKENS}?search=ci")).await.ok();
    assert_eq!(listed["result"].as_array().unwrap().len(), 1);
    test.put(&format!("{TOKENS}/none/value"), &json!({})).await.error(404, 7002);
}

#[tokio::test]
async fn a_revoked_token_is_gone_for_good() {
    let test = TestApi::new();
    let made = create(&test, &json!({})).await;
    assert_eq!(test.delete(&one(&made)).await.ok()["result"]["status"], "disabled");
    as_token(&test, value(&made), Method::GET, GATEWAYS).await.error(401, 10000);
    as_token(&test, value(&made), Method::GET, VERIFY[0]).await.error(401, 1000);
    test.get(&one(&made)).await.error(404, 7002);
    test.put(&one(&made), &json!({"disabled": false})).await.error(404, 7002);
    test.put(&format!("{}/value", one(&made)), &json!({})).await.error(404, 7002);
    test.delete(&one(&made)).await.error(404, 7002);
    let listed = test.get(&format!("{TOKENS}?search=ci")).await.ok();
    assert_eq!(listed["result"], json!([]));
}

#[tokio::test]
async fn every_bound_is_kept() {
    let test = TestApi::new();
    let cases = [
        (json!({"name": ""}), json!(["body", "name"])),
        (json!({"name": "x".repeat(121)}), json!(["body", "name"])),
        (json!({"name": null}), json!(["body", "name"])),
        (json!({"permissions": []}), json!(["body", "permissions"])),
        (json!({"permissions": "*"}), json!(["body", "permissions"])),
        (json!({"permissions": ["read"]}), json!(["body", "permissions", "0"])),
        (json!({"gateways": []}), json!(["body", "gateways"])),
        (json!({"gateways": ["shop", "other"]}), json!(["body", "gateways", "1"])),
        (json!({"expires_on": "tomorrow"}), json!(["body", "expires_on"])),
        (json!({"expires_on": "2020-01-01T00:00:00Z"}), json!(["body", "expires_on"])),
        (json!({"not_before": 5}), json!(["body", "not_before"])),
        (
            json!({"not_before": "2999-01-01T00:00:00Z", "expires_on": "2998-01-01T00:00:00Z"}),
            json!(["body", "expires_on"]),
        ),
        (json!({"disabled": "no"}), json!(["body", "disabled"])),
        (json!({"models": []}), json!(["body", "models"])),
        (json!({"models": ["a", ""]}), json!(["body", "models", "1"])),
        (json!({"ip_allow": ["10.0.0.0/8", "here"]}), json!(["body", "ip_allow", "1"])),
        (json!({"budgets": [{"unit": "dollars"}]}), json!(["body", "budgets", "0", "limit"])),
        (
            json!({"budgets": [{"unit": "dollars", "limit": 1}]}),
            json!(["body", "budgets", "0", "period"]),
        ),
        (
            json!({"budgets": [
                {"unit": "dollars", "limit": 1, "period": "daily"},
                {"unit": "dollars", "limit": 2, "period": "daily"}
            ]}),
            json!(["body", "budgets", "1"]),
        ),
    ];
    let made = create(&test, &json!({})).await;
    for (more, path) in cases {
        let mut body = json!({"name": "x", "permissions": ["*"]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(test.post(TOKENS, &body).await.error(400, 7001)["path"], path, "{more}");
        // Changing, an end in the past ends the token, and a name may be left out.
        if more != json!({"expires_on": "2020-01-01T00:00:00Z"}) && more != json!({"name": null}) {
            assert_eq!(test.put(&one(&made), &more).await.error(400, 7001)["path"], path, "{more}");
        }
    }
    for name in ["name", "permissions"] {
        let mut body = json!({"name": "x", "permissions": ["*"]});
        body.as_object_mut().unwrap().remove(name);
        assert_eq!(test.post(TOKENS, &body).await.error(400, 7001)["path"], json!(["body", name]));
    }
    let body = json!({"name": "x", "permissions": ["*"], "value": "mine", "gatways": []});
    let messages = test.post(TOKENS, &body).await.ok()["messages"].to_string();
    assert!(
        messages.contains("value is unknown") && messages.contains("gateways is known"),
        "{messages}"
    );
}

#[tokio::test]
async fn only_who_may_do_everything_makes_tokens() {
    let test = TestApi::new();
    let body = json!({"name": "x", "permissions": ["*"]}).to_string();
    for held in Permission::EVERY.into_iter().filter(|held| *held != Permission::All) {
        let headers = [("authorization", format!("Bearer {}", secret(held)))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        test.send_body(Method::POST, TOKENS, &headers, body.clone().into()).await.error(403, 10000);
    }
    // Nor does one that may do everything in one gateway.
    let headers = [("authorization", "Bearer tok-shop-only")];
    test.send_body(Method::POST, TOKENS, &headers, body.into()).await.error(403, 10000);
}

#[tokio::test]
async fn the_last_token_that_may_do_everything_cannot_be_lost() {
    let test = TestApi::new();
    let mine = format!("{TOKENS}/tok-*");
    let losses = [
        json!({"disabled": true}),
        json!({"permissions": ["AI Gateway Write"]}),
        json!({"gateways": ["shop"]}),
        json!({"expires_on": "2020-01-01T00:00:00Z"}),
        json!({"not_before": "2999-01-01T00:00:00Z"}),
    ];
    for loss in &losses {
        let error = test.put(&mine, loss).await.error(400, 7001);
        assert_eq!(error["path"], json!(["body"]));
        assert!(error["message"].as_str().unwrap().contains("the last token"), "{error}");
    }
    assert_eq!(test.delete(&mine).await.error(400, 7001)["path"], json!(["path", "token_id"]));
    // One that does not count yet does not help.
    let later =
        create(&test, &json!({"permissions": ["*"], "not_before": "2999-01-01T00:00:00Z"})).await;
    test.delete(&mine).await.error(400, 7001);
    test.delete(&one(&later)).await.ok();
    // A harmless change is none.
    test.put(&mine, &json!({"name": "main", "permissions": ["*", "AI Gateway Run"]})).await.ok();

    let other = create(&test, &json!({"permissions": ["*"]})).await;
    test.delete(&mine).await.ok();
    as_token(&test, value(&other), Method::DELETE, &one(&other)).await.error(400, 7001);
}

#[tokio::test]
async fn of_two_that_revoke_each_other_one_stays() {
    let test = TestApi::new();
    let made = create(&test, &json!({"permissions": ["*"]})).await;
    let (uri, mine) = (one(&made), format!("{TOKENS}/tok-*"));
    let calls = [
        as_token(&test, "tok-*", Method::DELETE, &uri),
        as_token(&test, value(&made), Method::DELETE, &mine),
    ];
    let answers = futures_util::future::join_all(calls).await;
    let mut codes: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    codes.sort_unstable();
    assert!(codes == [200, 401] || codes == [200, 403], "{codes:?}");
}

#[tokio::test]
async fn lists_are_newest_first_and_end() {
    let test = TestApi::new();
    for name in ["first", "second"] {
        create(&test, &json!({ "name": name })).await;
    }
    let page = test.get(&format!("{TOKENS}?per_page=1&page=1000")).await.ok();
    assert_eq!(page["result"], json!([]));
    let all = test.get(&format!("{TOKENS}?per_page=100")).await.ok();
    let times: Vec<Timestamp> = all["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| Timestamp::parse(row["issued_on"].as_str().unwrap()).unwrap())
        .collect();
    assert!(times.is_sorted_by(|one, other| one >= other));
    let snapshot = test.api().configuration.snapshot();
    assert_eq!(snapshot.configuration().of::<Gateway>(&"acc1".into()).count(), 2);
}

#[tokio::test]
async fn models_addresses_and_budgets_of_a_token_are_kept_and_shown() {
    let test = TestApi::new();
    let limits = json!({
        "models": ["openai/gpt-*"], "ip_allow": ["10.0.0.0/8", "::1"],
        "budgets": [
            {"unit": "dollars", "limit": 5, "period": "monthly", "soft": 0.5},
            {"unit": "requests", "limit": 10, "window": 60, "technique": "sliding", "hard": false}
        ]
    });
    let made = create(&test, &limits).await;
    assert_eq!((&made["models"], &made["ip_allow"]), (&limits["models"], &limits["ip_allow"]));
    assert_eq!(made["budgets"][0]["hard"], true);
    assert_eq!(made["budgets"][1]["technique"], "sliding");
    let again = test.put(&one(&made), &test.get(&one(&made)).await.ok()["result"]).await.ok();
    assert_eq!((&again["result"]["budgets"], &again["messages"]), (&made["budgets"], &json!([])));

    let snapshot = test.api().configuration.snapshot();
    let token = snapshot.token(value(&made).as_bytes()).unwrap();
    let target = weir_core::policy::Target { provider: "openai", model: "o3" };
    assert!(!token.may_ask(target));
    let terms = token.budgets[0];
    let key = terms.token_key(&token.account_id, &token.id);
    let spent = weir_core::ledger::Standing { spent: 3_000_000_000_000, ..Default::default() };
    test.ledger().set(&terms.claim(key, 0), spent);
    let usage = test.get(&format!("{}/usage", one(&made))).await.ok()["result"].clone();
    assert_eq!(usage.as_array().unwrap().len(), 2);
    assert_eq!((&usage[0]["spent"], &usage[0]["soft_reached"]), (&json!(3.0), &json!(true)));
    assert_eq!((&usage[1]["limit"], &usage[1]["unit"]), (&json!(10.0), &json!("requests")));

    // A new value is the same token, so its budgets go on.
    let fresh = test.put(&format!("{}/value", one(&made)), &json!({})).await.ok();
    assert!(fresh["result"].is_string());
    let usage = test.get(&format!("{}/usage", one(&made))).await.ok()["result"].clone();
    assert_eq!(usage[0]["spent"], 3.0);
    let clear = json!({"models": null, "ip_allow": null, "budgets": null});
    let cleared = test.put(&one(&made), &clear).await.ok()["result"].clone();
    assert_eq!((&cleared["models"], &cleared["budgets"]), (&Value::Null, &json!([])));
    assert_eq!(cleared["ip_allow"], json!([]));
}
