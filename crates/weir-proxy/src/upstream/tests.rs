use std::net::{IpAddr, Ipv4Addr};

use weir_core::credential::BoundTo;

use super::*;

fn upstream() -> Upstream {
    let mut policy = EgressPolicy::default();
    policy.permit(IpAddr::V4(Ipv4Addr::LOCALHOST), 9);
    Upstream::new(policy, EgressPolicy::default(), Duration::from_secs(5), Counter::default())
        .unwrap()
}

fn origin() -> Origin {
    Origin::parse("http://127.0.0.1:9").unwrap()
}

async fn refusal(upstream: &Upstream, endpoint: &Arc<Endpoint>) -> Kind {
    let request = UpstreamRequest {
        method: Method::GET,
        path: PathAndQuery::from_static("/"),
        headers: HeaderMap::new(),
        credentials: BoundTo::new(origin(), Vec::new()),
        body: SendBody::whole(Bytes::new()),
        replay: None,
    };
    upstream.send(endpoint, request).await.err().unwrap().kind()
}

#[tokio::test]
async fn what_is_listed_for_providers_is_closed_to_what_callers_name() {
    let upstream = upstream();
    // Nobody listens there, but it may be tried.
    assert_eq!(refusal(&upstream, &upstream.endpoint(&origin())).await, Kind::UpstreamFailed);
    assert_eq!(refusal(&upstream, &Upstream::foreign(origin())).await, Kind::EgressRefused);
}

#[test]
fn endpoints_that_nobody_uses_are_forgotten() {
    let upstream = upstream();
    let held = upstream.endpoint(&origin());
    for n in 0..100 {
        upstream.endpoint(&Origin::parse(&format!("https://r{n}.example")).unwrap());
    }
    upstream.sweep();
    let known = upstream.endpoints.read().unwrap();
    assert_eq!(known.keys().map(|(_, origin)| origin).collect::<Vec<_>>(), [held.origin()]);
}

#[test]
fn who_has_an_identity_shares_no_connection() {
    let mut upstream = upstream();
    upstream.identify("custom-private", TlsIdentity::default()).unwrap();
    let common = upstream.endpoint_of("openai", &origin());
    assert!(Arc::ptr_eq(&common, &upstream.endpoint(&origin())));
    let own = upstream.endpoint_of("custom-private", &origin());
    assert!(!Arc::ptr_eq(&own, &common));
    assert!(Arc::ptr_eq(&own, &upstream.endpoint_of("custom-private", &origin())));
}
