use super::*;

fn edge(proxies: &[&str]) -> Edge {
    Edge::new(proxies.iter().map(|text| Network::parse(text).unwrap()).collect())
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, http::HeaderValue::from_static(value));
    }
    headers
}

fn seen(edge: &Edge, peer: &str, pairs: &[(&'static str, &'static str)]) -> Option<String> {
    let client = edge.client(peer.parse().unwrap(), &headers(pairs));
    client.address.map(|address| address.to_string())
}

#[test]
fn without_proxies_the_connection_alone_counts() {
    let said = [("x-forwarded-for", "9.9.9.9"), ("x-real-ip", "9.9.9.9")];
    assert_eq!(seen(&edge(&[]), "1.2.3.4", &said).as_deref(), Some("1.2.3.4"));
    assert_eq!(seen(&edge(&[]), "::ffff:1.2.3.4", &said).as_deref(), Some("1.2.3.4"));
    assert_eq!(seen(&edge(&["10.0.0.0/8"]), "1.2.3.4", &said).as_deref(), Some("1.2.3.4"));
}

#[test]
fn behind_proxies_the_last_stranger_counts() {
    let edge = edge(&["10.0.0.0/8", "fd00::/8"]);
    for (forwarded, client) in [
        ("9.9.9.9", Some("9.9.9.9")),
        // The client wrote the first entry itself.
        ("1.1.1.1, 9.9.9.9", Some("9.9.9.9")),
        ("10.0.0.7, 9.9.9.9, 10.0.0.2", Some("9.9.9.9")),
        ("1.1.1.1,9.9.9.9 ,10.0.0.2,fd00::1", Some("9.9.9.9")),
        ("10.0.0.3, 10.0.0.2", Some("10.0.0.3")),
        ("2001:db8::7", Some("2001:db8::7")),
        ("::ffff:9.9.9.9", Some("9.9.9.9")),
        ("9.9.9.9:4711", Some("9.9.9.9")),
        ("[2001:db8::7]:4711", Some("2001:db8::7")),
        ("[2001:db8::7]", Some("2001:db8::7")),
        // What cannot be read hides who it is; nobody is guessed in its place.
        ("9.9.9.9, unknown", None),
        ("unknown, 10.0.0.2", None),
        ("9.9.9.9,", None),
        ("127.1", None),
        ("unknown, 9.9.9.9", Some("9.9.9.9")),
    ] {
        assert_eq!(
            seen(&edge, "10.1.1.1", &[("x-forwarded-for", forwarded)]).as_deref(),
            client,
            "{forwarded}"
        );
    }
    assert_eq!(seen(&edge, "10.1.1.1", &[]).as_deref(), Some("10.1.1.1"));
    // Several lines are one list.
    let lines = [("x-forwarded-for", "1.1.1.1, 9.9.9.9"), ("x-forwarded-for", "10.0.0.2")];
    assert_eq!(seen(&edge, "10.1.1.1", &lines).as_deref(), Some("9.9.9.9"));
}

#[test]
fn a_named_header_takes_the_place_of_the_list() {
    let edge = edge(&["10.0.0.0/8"]).with_address_header("CF-Connecting-IP").unwrap();
    let both = [("cf-connecting-ip", "9.9.9.9"), ("x-forwarded-for", "1.1.1.1")];
    assert_eq!(seen(&edge, "10.0.0.1", &both).as_deref(), Some("9.9.9.9"));
    assert_eq!(seen(&edge, "8.8.8.8", &both).as_deref(), Some("8.8.8.8"));
    assert_eq!(seen(&edge, "10.0.0.1", &both[1..]).as_deref(), Some("10.0.0.1"));
    let twice = [("cf-connecting-ip", "9.9.9.9"), ("cf-connecting-ip", "7.7.7.7")];
    assert_eq!(seen(&edge, "10.0.0.1", &twice), None);
    assert!(Edge::default().with_address_header("no name").is_err());
}

#[test]
fn a_country_is_believed_of_proxies_only() {
    let edge = edge(&["10.0.0.0/8"]).with_country_header("cf-ipcountry").unwrap();
    let country = |peer: &str, value| {
        edge.client(peer.parse().unwrap(), &headers(&[("cf-ipcountry", value)])).country
    };
    assert_eq!(country("10.0.0.1", "de").as_deref(), Some("DE"));
    assert_eq!(country("10.0.0.1", "T1").as_deref(), Some("T1"));
    for unknown in ["XX", "", "Germany", "D", "D1E", "d-"] {
        assert_eq!(country("10.0.0.1", unknown), None, "{unknown}");
    }
    assert_eq!(country("9.9.9.9", "DE"), None);
}
