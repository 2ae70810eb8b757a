use super::{
    Provider, RouteContext, RouteError, all, apply_override, expand, find, join_custom, nearest,
};

/// Routes `slug/rest` given as one path.
fn route(path: &str) -> Result<(String, String), RouteError> {
    let (slug, rest) = path.split_once('/').unwrap();
    let cx = RouteContext { account_id: "acc1", fal_target: None };
    let route = find(slug).unwrap().route(rest, &cx)?;
    Ok((route.origin().into_owned(), route.path))
}

fn url(path: &str) -> String {
    let (origin, path) = route(path).unwrap();
    origin + &path
}

#[track_caller]
fn check(path: &str, expected: &str) {
    assert_eq!(url(path), expected, "for {path}");
    // A query never changes where a request goes, and comes out as it went in.
    if !path.contains('?') {
        let query = "?a=b%2Fc&d=e//f:g";
        assert_eq!(url(&format!("{path}{query}")), format!("{expected}{query}"));
    }
}

#[test]
fn every_slug_with_and_without_its_version_segment() {
    for (path, expected) in [
        ("openai/chat/completions", "https://api.openai.com/v1/chat/completions"),
        ("openai/v1/chat/completions", "https://api.openai.com/v1/chat/completions"),
        ("openai/models", "https://api.openai.com/v1/models"),
        ("anthropic/v1/messages", "https://api.anthropic.com/v1/messages"),
        ("anthropic/messages", "https://api.anthropic.com/messages"),
        (
            "google-ai-studio/v1beta/models/gemini-2.5-flash:generateContent",
            "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent",
        ),
        ("google/v1/models", "https://generativelanguage.googleapis.com/v1/models"),
        (
            "google-vertex-ai/v1/projects/p1/locations/us-central1/publishers/google/models/m:generateContent",
            "https://us-central1-aiplatform.googleapis.com/v1/projects/p1/locations/us-central1/publishers/google/models/m:generateContent",
        ),
        (
            "google-vertex-ai/v1beta1/projects/p1/locations/global/endpoints/openapi/chat/completions",
            "https://aiplatform.googleapis.com/v1beta1/projects/p1/locations/global/endpoints/openapi/chat/completions",
        ),
        (
            "google-vertex-ai/v1/publishers/google/models/m:generateContent",
            "https://aiplatform.googleapis.com/v1/publishers/google/models/m:generateContent",
        ),
        (
            "azure-openai/res1/dep1/chat/completions?api-version=2024-10-21",
            "https://res1.openai.azure.com/openai/deployments/dep1/chat/completions?api-version=2024-10-21",
        ),
        (
            "azureopenai/res1/openai/v1/responses",
            "https://res1.openai.azure.com/openai/v1/responses",
        ),
        (
            "azure-openai/res1/openai/deployments/dep1/embeddings",
            "https://res1.openai.azure.com/openai/deployments/dep1/embeddings",
        ),
        (
            "aws-bedrock/bedrock-runtime/us-east-1/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/invoke",
            "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/invoke",
        ),
        (
            "bedrock/bedrock-runtime/eu-west-3/model/a%3A0/converse",
            "https://bedrock-runtime.eu-west-3.amazonaws.com/model/a%3A0/converse",
        ),
        (
            "aws-bedrock/bedrock-mantle/us-east-1/anthropic/v1/messages",
            "https://bedrock-mantle.us-east-1.api.aws/anthropic/v1/messages",
        ),
        (
            "workers-ai/@cf/meta/llama-3.1-8b-instruct",
            "https://api.cloudflare.com/client/v4/accounts/acc1/ai/run/@cf/meta/llama-3.1-8b-instruct",
        ),
        (
            "workers-ai/run/@cf/meta/llama-3.1-8b-instruct",
            "https://api.cloudflare.com/client/v4/accounts/acc1/ai/run/@cf/meta/llama-3.1-8b-instruct",
        ),
        (
            "workers-ai/v1/chat/completions",
            "https://api.cloudflare.com/client/v4/accounts/acc1/ai/v1/chat/completions",
        ),
        ("groq/chat/completions", "https://api.groq.com/openai/v1/chat/completions"),
        ("groq/v1/chat/completions", "https://api.groq.com/openai/v1/chat/completions"),
        ("groq/openai/v1/chat/completions", "https://api.groq.com/openai/v1/chat/completions"),
        ("grok/v1/chat/completions", "https://api.x.ai/v1/chat/completions"),
        ("xai/chat/completions", "https://api.x.ai/v1/chat/completions"),
        ("mistral/v1/chat/completions", "https://api.mistral.ai/v1/chat/completions"),
        ("mistral/chat/completions", "https://api.mistral.ai/v1/chat/completions"),
        ("deepseek/chat/completions", "https://api.deepseek.com/chat/completions"),
        ("deepseek/v1/chat/completions", "https://api.deepseek.com/v1/chat/completions"),
        ("perplexity-ai/chat/completions", "https://api.perplexity.ai/chat/completions"),
        ("perplexity/v1/sonar", "https://api.perplexity.ai/v1/sonar"),
        ("cerebras/chat/completions", "https://api.cerebras.ai/v1/chat/completions"),
        ("cerebras/v1/chat/completions", "https://api.cerebras.ai/v1/chat/completions"),
        ("openrouter/chat/completions", "https://openrouter.ai/api/v1/chat/completions"),
        ("openrouter/v1/chat/completions", "https://openrouter.ai/api/v1/chat/completions"),
        ("openrouter/api/v1/chat/completions", "https://openrouter.ai/api/v1/chat/completions"),
        ("cohere/v1/chat", "https://api.cohere.com/v1/chat"),
        ("cohere/v2/chat", "https://api.cohere.com/v2/chat"),
        ("cohere/chat", "https://api.cohere.com/v1/chat"),
        (
            "cohere/compatibility/v1/chat/completions",
            "https://api.cohere.com/compatibility/v1/chat/completions",
        ),
        ("fireworks/chat/completions", "https://api.fireworks.ai/inference/v1/chat/completions"),
        ("fireworks/v1/chat/completions", "https://api.fireworks.ai/inference/v1/chat/completions"),
        ("fireworks/inference/v1/embeddings", "https://api.fireworks.ai/inference/v1/embeddings"),
        ("huggingface/org/m1", "https://api-inference.huggingface.co/models/org/m1"),
        ("replicate/v1/predictions", "https://api.replicate.com/v1/predictions"),
        ("replicate/predictions/abc", "https://api.replicate.com/v1/predictions/abc"),
        ("baseten/v1/chat/completions", "https://inference.baseten.co/v1/chat/completions"),
        ("baseten/chat/completions", "https://inference.baseten.co/v1/chat/completions"),
        ("baseten/model/abc1", "https://model-abc1.api.baseten.co/production/predict"),
        (
            "baseten/model/abc1/development/predict",
            "https://model-abc1.api.baseten.co/development/predict",
        ),
        ("parallel/v1beta/search", "https://api.parallel.ai/v1beta/search"),
        ("parallel/chat/completions", "https://api.parallel.ai/chat/completions"),
        ("fal/fal-ai/fast-sdxl", "https://fal.run/fal-ai/fast-sdxl"),
        ("ideogram/v1/ideogram-v3/generate", "https://api.ideogram.ai/v1/ideogram-v3/generate"),
        ("cartesia/tts/bytes", "https://api.cartesia.ai/tts/bytes"),
        ("deepgram/v1/listen", "https://api.deepgram.com/v1/listen"),
        ("elevenlabs/v1/text-to-speech/V", "https://api.elevenlabs.io/v1/text-to-speech/V"),
    ] {
        check(path, expected);
    }
}

#[test]
fn only_a_whole_version_segment_counts() {
    check("openai/v1beta/x", "https://api.openai.com/v1/v1beta/x");
    check("openai/v10", "https://api.openai.com/v1/v10");
    check("openai/v1", "https://api.openai.com/v1");
    check("openai/v1/", "https://api.openai.com/v1/");
    check("openai/v1/v1/x", "https://api.openai.com/v1/v1/x");
    assert_eq!(url("openai/v1?x=1"), "https://api.openai.com/v1?x=1");
    assert_eq!(url("openai/?model=m"), "https://api.openai.com/v1?model=m");
    assert_eq!(url("anthropic/"), "https://api.anthropic.com/");
    assert_eq!(url("anthropic/?x=v1/y"), "https://api.anthropic.com/?x=v1/y");
}

#[test]
fn bytes_go_through_unchanged() {
    check("openai//files//a%2Fb", "https://api.openai.com/v1//files//a%2Fb");
    check(
        "workers-ai/@cf//a:b/%40",
        "https://api.cloudflare.com/client/v4/accounts/acc1/ai/run/@cf//a:b/%40",
    );
    check("anthropic/v1/../x", "https://api.anthropic.com/v1/../x");
}

#[test]
fn what_becomes_a_host_name_is_strict() {
    for path in [
        "azure-openai/res.evil.example/dep/chat",
        "azure-openai/Res/dep/chat",
        "azure-openai/a%2Fb/dep/chat",
        "azure-openai/res@evil/dep/chat",
        "aws-bedrock/bedrock-runtime/us-east-1.evil/model/m/invoke",
        "aws-bedrock/s3/us-east-1/model/m/invoke",
        "google-vertex-ai/v1/projects/p/locations/x.evil/publishers/google/models/m:g",
        "baseten/model/a-b",
        "baseten/model/a.b",
    ] {
        assert!(matches!(route(path), Err(RouteError::Invalid { .. })), "{path}");
    }
    for path in [
        "azure-openai/",
        "azure-openai/res",
        "azure-openai/res/",
        "azure-openai/res/dep",
        "azure-openai/res//chat",
        "azure-openai/res/dep/chat/completions",
        "azure-openai/res/dep/chat/completions?version=1",
        "azure-openai/res/dep?api-version=1",
        "aws-bedrock/",
        "aws-bedrock/bedrock-runtime",
        "aws-bedrock/bedrock-runtime//model",
        "google-vertex-ai/v1/projects/p/models/m",
        "google-vertex-ai/?x=/projects/p/locations/l",
        "baseten/model/",
    ] {
        assert!(matches!(route(path), Err(RouteError::Missing { .. })), "{path}");
    }
    let long = format!("azure-openai/{}/d/chat", "a".repeat(64));
    assert_eq!(
        route(&long).unwrap_err().to_string(),
        format!(
            "azure-openai: '{}' is not a valid resource (a-z, 0-9 and '-', 1 to 63 characters); \
             expected azure-openai/{{resource}}/{{deployment}}/{{operation}}?api-version=... or \
             {{resource}}/openai/v1/...",
            "a".repeat(64)
        )
    );
}

#[test]
fn fal_targets_stay_with_fal() {
    let fal = find("fal").unwrap();
    let to = |target| {
        let cx = RouteContext { account_id: "a", fal_target: Some(target) };
        fal.route("ignored", &cx).map(|route| route.origin().into_owned() + &route.path)
    };
    for good in [
        "https://fal.run/fal-ai/flux?x=1",
        "https://queue.fal.run/fal-ai/flux/requests/1/status",
        "https://fal.ai/x",
        "https://rest.alpha.fal.ai/storage//a%2Fb",
    ] {
        assert_eq!(to(good).as_deref(), Ok(good));
    }
    assert_eq!(to("https://fal.run").as_deref(), Ok("https://fal.run/"));
    assert_eq!(to("https://fal.run?x").as_deref(), Ok("https://fal.run/?x"));
    for bad in [
        "http://fal.run/x",
        "https://evil.example/x",
        "https://fal.run.evil.example/x",
        "https://notfal.run/x",
        "https://fal.run@evil.example/x",
        "https://fal.run:8443/x",
        "https://evil.example?fal.run",
        "https://evil.example#.fal.run",
        "https://evil.example\\.fal.run/",
        "https://.fal.run/",
        "https://fal.run/a b",
        "",
    ] {
        assert_eq!(to(bad), Err(RouteError::ForeignTarget), "{bad}");
    }
}

#[test]
fn only_the_mantle_renames_the_bearer() {
    let cx = RouteContext::default();
    let bedrock = find("aws-bedrock").unwrap();
    let mantle = bedrock.route("bedrock-mantle/us-east-1/anthropic/v1/messages", &cx).unwrap();
    assert_eq!(mantle.rename_bearer_to, Some("x-api-key"));
    let runtime = bedrock.route("bedrock-runtime/us-east-1/model/m/invoke", &cx).unwrap();
    assert_eq!(runtime.rename_bearer_to, None);
}

#[test]
fn overrides_replace_scheme_and_host_and_prefix_the_path() {
    let cx = RouteContext::default();
    let azure = find("azure-openai").unwrap();
    let route = azure.route("res1/dep1/chat/completions?api-version=1", &cx).unwrap();
    let path = "/openai/deployments/dep1/chat/completions?api-version=1";
    let over = |template| apply_override(&route, template);
    assert_eq!(over("http://127.0.0.1:18080"), Ok(("http://127.0.0.1:18080".into(), path.into())));
    assert_eq!(
        over("http://127.0.0.1:18080/azure/"),
        Ok(("http://127.0.0.1:18080".into(), format!("/azure{path}")))
    );
    assert_eq!(
        over("https://{resource}.private.example/{resource}"),
        Ok(("https://res1.private.example".into(), format!("/res1{path}")))
    );
    for bad in [
        "127.0.0.1:18080",
        "ftp://h",
        "http://",
        "http:///x",
        "http://:80",
        "http://u:p@h",
        "http://h/?x=1",
        "http://h/#x",
        "http://h/ x",
        "https://{region}.example",
    ] {
        assert!(matches!(over(bad), Err(RouteError::BadUpstream { .. })), "{bad}");
    }
    assert_eq!(expand("{a}{b}{a", &[("a", "1")]), "1{b}{a");
}

#[test]
fn custom_providers_are_joined_with_one_slash() {
    let join = |base, rest| join_custom(base, rest).map(|(origin, path)| origin + &path);
    let ok = |base, rest, expected: &str| assert_eq!(join(base, rest).as_deref(), Ok(expected));
    ok(
        "https://api.myprovider.com",
        "v1/chat/completions?x=1",
        "https://api.myprovider.com/v1/chat/completions?x=1",
    );
    ok("https://h.example/api/v2", "models/list", "https://h.example/api/v2/models/list");
    ok("https://h.example/api/v2/", "/models//list", "https://h.example/api/v2/models//list");
    ok("https://h.example", "", "https://h.example/");
    ok("https://h.example/", "?a=b", "https://h.example/?a=b");
    ok("https://h.example/x/", "?a=b", "https://h.example/x?a=b");
    assert!(join("h.example", "x").is_err());
    assert!(join("https://h.example?y", "x").is_err());
}

#[test]
fn the_table_is_well_formed() {
    assert!(all().is_sorted_by_key(|row| row.slug));
    let mut seen = std::collections::HashSet::new();
    for row in all() {
        let Provider { slug, aliases, credential_headers, credential_scheme, .. } = row;
        assert!(!row.name.is_empty() && !row.expects.is_empty());
        for name in std::iter::once(slug).chain(*aliases) {
            assert!(seen.insert(name), "{name} is there twice");
            assert_eq!(find(name).map(|found| found.slug), Some(*slug));
        }
        assert!(credential_headers.iter().all(|name| *name == name.to_ascii_lowercase()));
        // A scheme belongs to authorization, and the other headers take the bare key.
        assert_eq!(credential_headers[0] == "authorization", credential_scheme.ends_with(' '));
    }
    assert_eq!(find("nosuchprovider").map(|row| row.slug), None);
    assert_eq!(nearest("opneai"), Some("openai"));
    assert_eq!(nearest("vertex"), None);
    assert_eq!(nearest("perplexty"), Some("perplexity-ai"));
}
