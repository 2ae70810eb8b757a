use std::collections::BTreeMap;

use weir_core::Timestamp;

use super::*;

fn verified(user: &str) -> Verified {
    let jwks = br#"{"keys":[{"kty":"OKP","crv":"Ed25519",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    let at = Timestamp::from_millis(0);
    let issuer = Issuer {
        id: "i1".into(),
        account_id: "acc1".into(),
        name: String::new(),
        issuer: "https://id.example.com".to_owned(),
        audiences: Vec::new(),
        jwks_url: None,
        gateways: None,
        claims: weir_core::access::ClaimNames::default(),
        required: BTreeMap::new(),
        enabled: true,
        created_at: at,
        modified_at: at,
    };
    Verified {
        issuer: Arc::new(issuer),
        keys: Arc::new(KeySet::read(jwks).unwrap()),
        life: Life { from: None, until: at },
        claims: Arc::new(Claims { user_id: Some(user.to_owned()), ..Claims::default() }),
    }
}

fn user(tokens: &VerifiedTokens, account: &str, token: &str) -> Option<String> {
    tokens.get(&account.into(), token)?.claims.user_id.clone()
}

#[test]
fn a_token_is_known_in_its_account_alone() {
    let tokens = VerifiedTokens::default();
    tokens.put(&"acc1".into(), "token", verified("u1"));
    assert_eq!(user(&tokens, "acc1", "token").as_deref(), Some("u1"));
    assert_eq!(user(&tokens, "acc2", "token"), None);
    assert_eq!(user(&tokens, "acc", "1token"), None);
}

#[test]
fn what_is_used_stays_and_the_rest_is_forgotten() {
    let tokens = VerifiedTokens::default();
    let account = AccountId::from("acc1");
    let shared = Arc::new(verified("u"));
    let fill = |from: usize, count: usize| {
        for number in from..from + count {
            let hash = hash(&account, &number.to_string());
            tokens.0.lock().unwrap().put(hash, Arc::clone(&shared));
        }
    };
    fill(0, MOST);
    fill(MOST, MOST);
    assert!(user(&tokens, "acc1", "0").is_some(), "used while it was old");
    fill(2 * MOST, MOST);
    assert!(user(&tokens, "acc1", "0").is_some(), "so it is held on to");
    assert!(user(&tokens, "acc1", "1").is_none());
    let ages = tokens.0.lock().unwrap();
    assert!(ages.young.len() <= MOST && ages.old.len() <= MOST);
}
