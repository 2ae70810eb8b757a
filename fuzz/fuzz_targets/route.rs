//! No path leads to a host that its provider does not own.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_llm::catalogue::{RouteContext, all};

const DOMAINS: [&str; 4] = [".openai.azure.com", ".amazonaws.com", ".api.aws", ".api.baseten.co"];

fuzz_target!(|input: (&str, Option<&str>)| {
    let (rest, fal_target) = input;
    for provider in all() {
        let cx = RouteContext { account_id: "acc1", fal_target };
        let Ok(route) = provider.route(rest, &cx) else { continue };
        let origin = route.origin();
        let host = origin.strip_prefix("https://").expect("every origin is https");
        assert!(host.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')));
        assert!(route.path.starts_with('/'));
        let free = !route.variables.is_empty() && provider.slug != "workers-ai";
        let own = DOMAINS.iter().any(|domain| host.ends_with(domain))
            || host.ends_with("aiplatform.googleapis.com")
            || ["fal.run", "fal.ai"]
                .iter()
                .any(|it| host == *it || host.ends_with(&format!(".{it}")));
        assert!(!free || own, "{host}");
    }
});
