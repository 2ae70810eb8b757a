//! What issuers and custom domains must be like.

use std::net::IpAddr;

use super::{CustomDomain, Issuer};
use crate::fault::{Fault, Faults};

/// Entries of one list.
const MOST: usize = 100;
/// Characters of a name, a claim or a value.
const LONGEST: usize = 512;

impl Issuer {
    /// What is wrong with it. Paths begin at its own fields. With `allow_http`, its addresses may be
    /// plain `http://`.
    pub fn faults(&self, allow_http: bool) -> Vec<Fault> {
        let mut faults = Faults::new("issuer");
        if self.name.is_empty() || self.name.chars().count() > 100 {
            faults.refuse_at("name", "must have 1 to 100 characters");
        }
        faults.within("issuer", |faults| address(&self.issuer, allow_http, faults));
        if let Some(jwks_url) = &self.jwks_url {
            faults.within("jwks_url", |faults| address(jwks_url, allow_http, faults));
        }
        if self.audiences.is_empty() || self.audiences.len() > MOST {
            faults.refuse_at("audiences", "must name 1 to 100: a token for nobody is for anybody");
        }
        faults.within("audiences", |faults| texts(&self.audiences, faults));
        if self.gateways.as_ref().is_some_and(Vec::is_empty) {
            faults.refuse_at("gateways", "must name at least one; null means all of them");
        }
        faults.within("claims", |faults| {
            let claims = &self.claims;
            for (name, claim) in [
                ("user_id", &claims.user_id),
                ("email", &claims.email),
                ("groups", &claims.groups),
                ("country", &claims.country),
            ] {
                if !is_plain(claim) {
                    faults.refuse_at(name, "must be the name of a claim");
                }
            }
        });
        faults.within("required", |faults| {
            if self.required.len() > MOST {
                faults.refuse("may hold 100 claims");
            }
            for (claim, value) in &self.required {
                if !is_plain(claim) || !is_plain(value) {
                    faults.refuse_at(claim, "must be a claim and the value that it must have");
                }
            }
        });
        faults.into_found()
    }
}

impl CustomDomain {
    /// Says what is wrong with a hostname, if anything.
    pub fn check_hostname(text: &str) -> Result<(), &'static str> {
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if text.len() > 253 || !text.split('.').all(label) {
            return Err("must be a host name in small letters, without a port");
        }
        if text.parse::<IpAddr>().is_ok() || text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Err("must be a name, not an address");
        }
        if !text.contains('.') || text.ends_with(".localhost") {
            return Err("must be a full name such as ai.example.com");
        }
        Ok(())
    }
}

/// An absolute address without anything that could hide where it leads.
fn address(text: &str, allow_http: bool, faults: &mut Faults) {
    let rest = text.strip_prefix("https://");
    let rest = rest.or_else(|| text.strip_prefix("http://").filter(|_| allow_http));
    let Some(rest) = rest else {
        faults.refuse(
            "must begin with https:// (http is for addresses that the operator lists in egress.allow)",
        );
        return;
    };
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    let plain = |byte: u8| (b'!'..=b'~').contains(&byte) && !matches!(byte, b'"' | b'\\');
    if host.is_empty() || text.len() > LONGEST || !text.bytes().all(plain) {
        faults.refuse("must be an address such as https://issuer.example");
    } else if text.contains(['@', '#', '?']) {
        faults.refuse("must have no user name, query or fragment");
    }
}

fn texts(list: &[String], faults: &mut Faults) {
    for (place, text) in list.iter().enumerate() {
        if !is_plain(text) {
            faults.refuse_at(place, "must be text of 1 to 512 characters");
        }
    }
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::ClaimNames;
    use crate::clock::Timestamp;

    #[test]
    fn hostnames_are_full_names_in_small_letters() {
        for good in ["ai.example.com", "a.b", "x-1.example", "xn--bcher-kva.example"] {
            assert_eq!(CustomDomain::check_hostname(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "localhost",
            "a.localhost",
            "AI.example.com",
            "ai.example.com.",
            "ai..com",
            "-a.example",
            "a-.example",
            "127.0.0.1",
            "1.2",
            "::1",
            "a.example:443",
            "a_b.example",
            "bücher.example",
            "a.example/x",
            &format!("{}.example", "x".repeat(64)),
            &"a.".repeat(130),
        ] {
            assert!(CustomDomain::check_hostname(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_of_issuers_lead_where_they_seem_to() {
        let issuer = |address: &str| Issuer {
            id: "i".into(),
            account_id: "a".into(),
            name: "n".to_owned(),
            issuer: address.to_owned(),
            audiences: vec!["aud".to_owned()],
            jwks_url: None,
            gateways: None,
            claims: ClaimNames::default(),
            required: [("role".to_owned(), "dev".to_owned())].into(),
            enabled: true,
            created_at: Timestamp::from_millis(0),
            modified_at: Timestamp::from_millis(0),
        };
        for good in ["https://team.example", "https://id.example:8443/realms/x/"] {
            assert_eq!(issuer(good).faults(false), []);
        }
        assert_eq!(issuer("http://127.0.0.1:9").faults(true), []);
        for bad in [
            "http://id.example",
            "https://",
            "https:///x",
            "id.example",
            "https://u@id.example",
            "https://id.example?x",
            "https://id.example#x",
            "https://id .example",
        ] {
            assert_eq!(issuer(bad).faults(false)[0].path, ["issuer"], "{bad}");
        }
        let nobody = Issuer { audiences: Vec::new(), ..issuer("https://id.example") };
        assert_eq!(nobody.faults(false)[0].path, ["audiences"]);
        let keys = Issuer { jwks_url: Some("ftp://x".to_owned()), ..issuer("https://id.example") };
        assert_eq!(keys.faults(false)[0].path, ["jwks_url"]);
    }
}
