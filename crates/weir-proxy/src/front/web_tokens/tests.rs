use super::*;

fn kept(tokens: &WebTokens) -> Vec<&str> {
    tokens.iter().collect()
}

#[test]
fn the_most_telling_place_comes_first() {
    let mut tokens = WebTokens::default();
    tokens.add(Slot::ProviderKey, b"five");
    tokens.add(Slot::AccessCookie, b"three");
    tokens.add(Slot::Gateway, b"one");
    tokens.add(Slot::AccessCookie, b"four");
    tokens.add(Slot::AccessHeader, b"two");
    tokens.add(Slot::AccessToken, b"");
    assert_eq!(kept(&tokens), ["one", "two", "three", "four", "five"]);
    assert!(!format!("{tokens:?}").contains("one"));
}

#[test]
fn a_request_with_many_is_not_worth_their_work() {
    let mut tokens = WebTokens::default();
    for _ in 0..1000 {
        tokens.add(Slot::ProviderKey, b"x");
    }
    tokens.add(Slot::Gateway, b"first");
    assert_eq!(kept(&tokens).len(), MOST);
    assert_eq!(kept(&tokens)[0], "first");
}

#[test]
fn cookies_are_found_among_others_in_any_encoding() {
    let found = |text: &[u8]| -> Vec<String> {
        in_cookies(text).map(|value| String::from_utf8_lossy(value).into_owned()).collect()
    };
    assert_eq!(found(b"a=1; CF_Authorization=jwt; b=2"), ["jwt"]);
    assert_eq!(found(b"CF_Authorization=one;CF_Authorization=two"), ["one", "two"]);
    assert_eq!(found(b"a=\xff; CF_Authorization=jwt"), ["jwt"]);
    assert_eq!(found(b"XCF_Authorization=no; CF_AuthorizationX=no; cf_authorization=no"), [""; 0]);
}
