use super::*;

fn origin(text: &str) -> Origin {
    Origin::parse(text).unwrap()
}

fn policy(entries: &[&str]) -> EgressPolicy {
    EgressPolicy::parse(entries).unwrap()
}

fn reaches(policy: &EgressPolicy, to: &str, address: &str) -> bool {
    policy.judge(&origin(to), &[address.parse().unwrap()]).is_ok()
}

#[test]
fn nothing_private_is_reached_by_default() {
    let none = policy(&[]);
    for address in [
        "127.0.0.1",
        "127.8.9.1",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "0.1.2.3",
        "255.255.255.255",
        "224.0.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "240.0.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "::ffff:168.63.129.16",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::",
        "64:ff9b::a9fe:a9fe",
        "::ffff:0:7f00:1",
        "5f00::1",
        "fec0::1",
        "3fff::1",
    ] {
        assert!(!reaches(&none, "https://name.example", address), "{address}");
    }
    for address in ["1.1.1.1", "104.18.6.192", "2606:4700::6810:6c0", "64:ff9b::101:101"] {
        assert!(reaches(&none, "https://name.example", address), "{address}");
    }
}

#[test]
fn plain_http_needs_an_entry_even_for_public_addresses() {
    assert!(!reaches(&policy(&[]), "http://name.example", "1.1.1.1"));
    assert!(reaches(&policy(&["name.example"]), "http://name.example", "1.1.1.1"));
    let refused = policy(&[]).judge(&origin("http://h:81"), &["1.1.1.1".parse().unwrap()]);
    assert_eq!(refused, Err(EgressError::PlainHttp("http://h:81".to_owned())));
}

#[test]
fn entries_cover_addresses_networks_hosts_and_ports() {
    let to = "http://h.example:18080";
    assert!(reaches(&policy(&["127.0.0.1"]), to, "127.0.0.1"));
    assert!(!reaches(&policy(&["127.0.0.1"]), to, "127.0.0.2"));
    assert!(reaches(&policy(&["127.0.0.1:18080"]), to, "127.0.0.1"));
    assert!(!reaches(&policy(&["127.0.0.1:18081"]), to, "127.0.0.1"));
    assert!(reaches(&policy(&["10.0.0.0/8"]), to, "10.200.3.4"));
    assert!(!reaches(&policy(&["10.0.0.0/8"]), to, "11.0.0.1"));
    assert!(reaches(&policy(&["0.0.0.0/0"]), to, "11.0.0.1"));
    assert!(reaches(&policy(&["[fd00::/8]:18080"]), to, "fd12::1"));
    assert!(reaches(&policy(&["::1"]), to, "::1"));
    assert!(reaches(&policy(&["H.Example"]), to, "10.0.0.1"));
    assert!(!reaches(&policy(&["other.example"]), to, "10.0.0.1"));
}

#[test]
fn a_name_that_resolves_to_both_uses_the_public_address_only() {
    let addresses = ["169.254.169.254".parse().unwrap(), "1.1.1.1".parse().unwrap()];
    let kept = policy(&[]).judge(&origin("https://rebind.example"), &addresses).unwrap();
    assert_eq!(kept, ["1.1.1.1".parse::<IpAddr>().unwrap()]);
}

#[test]
fn nonsense_is_an_error() {
    for entry in ["", "a b", "10.0.0.0/33", "h:port", "http://h"] {
        assert!(EgressPolicy::parse(&[entry]).is_err(), "{entry}");
    }
}
