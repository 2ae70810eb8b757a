//! Where each provider really lives, so that calls at the mock can be read as the calls they
//! would have been (spec: data-plane 1.3).

/// Slug, and scheme and host of the provider's API. A placeholder in the host becomes a path
/// segment of the mock's origin.
const HOSTS: &[(&str, &str)] = &[
    ("openai", "https://api.openai.com"),
    ("anthropic", "https://api.anthropic.com"),
    ("google-ai-studio", "https://generativelanguage.googleapis.com"),
    ("google-vertex-ai", "https://{location}-aiplatform.googleapis.com"),
    ("azure-openai", "https://{resource}.openai.azure.com"),
    ("aws-bedrock", "https://bedrock-runtime.{region}.amazonaws.com"),
    ("workers-ai", "https://api.cloudflare.com"),
    ("groq", "https://api.groq.com"),
    ("grok", "https://api.x.ai"),
    ("mistral", "https://api.mistral.ai"),
    ("deepseek", "https://api.deepseek.com"),
    ("perplexity-ai", "https://api.perplexity.ai"),
    ("cerebras", "https://api.cerebras.ai"),
    ("openrouter", "https://openrouter.ai"),
    ("cohere", "https://api.cohere.com"),
    ("fireworks", "https://api.fireworks.ai"),
    ("huggingface", "https://api-inference.huggingface.co"),
    ("replicate", "https://api.replicate.com"),
    ("baseten", "https://inference.baseten.co"),
    ("parallel", "https://api.parallel.ai"),
    ("fal", "https://fal.run"),
    ("ideogram", "https://api.ideogram.ai"),
    ("cartesia", "https://api.cartesia.ai"),
    ("deepgram", "https://api.deepgram.com"),
    ("elevenlabs", "https://api.elevenlabs.io"),
];

/// Every slug.
pub fn slugs() -> impl Iterator<Item = &'static str> {
    HOSTS.iter().map(|(slug, _)| *slug)
}

/// The origin override of a provider: `{base}/{slug}`, with the placeholders of its host.
pub fn origin(slug: &str, base: &str) -> String {
    let host = host(slug).unwrap_or_default();
    let holder = host.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
    match holder {
        Some((name, _)) => format!("{base}/{slug}/{{{name}}}"),
        None => format!("{base}/{slug}"),
    }
}

fn host(slug: &str) -> Option<&'static str> {
    HOSTS.iter().find(|(known, _)| *known == slug).map(|(_, host)| *host)
}

/// The URL that a call at the mock stands for: `target` is its path after the slug. For a custom
/// provider, `custom_base` is its `base_url`. `None` for a slug nobody knows.
pub fn real_url(slug: &str, target: &str, custom_base: Option<&str>) -> Option<String> {
    if let Some(base) = custom_base {
        let authority = base.find("://").map_or(0, |at| at + 3);
        let end = base[authority..].find('/').map_or(base.len(), |at| authority + at);
        return Some(format!("{}{target}", &base[..end]));
    }
    let host = host(slug)?;
    let Some((before, rest)) = host.split_once('{') else {
        return Some(format!("{host}{target}"));
    };
    let (_, after) = rest.split_once('}')?;
    let segment = target.trim_start_matches('/');
    let cut = segment.find(['/', '?']).unwrap_or(segment.len());
    let (value, target) = segment.split_at(cut);
    Some(match (slug, value) {
        ("google-vertex-ai", "global") => format!("https://aiplatform.googleapis.com{target}"),
        ("aws-bedrock", region) if target.starts_with("/anthropic/") => {
            format!("https://bedrock-mantle.{region}.api.aws{target}")
        }
        _ => format!("{before}{value}{after}{target}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_read_as_the_calls_they_stand_for() {
        let check = |slug: &str, target: &str, expected: &str| {
            assert_eq!(real_url(slug, target, None).as_deref(), Some(expected));
        };
        check("openai", "/v1/chat/completions", "https://api.openai.com/v1/chat/completions");
        check(
            "azure-openai",
            "/res1/openai/deployments/dep1/chat/completions?api-version=1",
            "https://res1.openai.azure.com/openai/deployments/dep1/chat/completions?api-version=1",
        );
        check(
            "google-vertex-ai",
            "/us-central1/v1/projects/p:generateContent",
            "https://us-central1-aiplatform.googleapis.com/v1/projects/p:generateContent",
        );
        check("google-vertex-ai", "/global/v1/p", "https://aiplatform.googleapis.com/v1/p");
        check(
            "aws-bedrock",
            "/us-east-1/model/m/invoke",
            "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/invoke",
        );
        assert_eq!(real_url("nobody", "/x", None), None);
    }

    #[test]
    fn a_custom_provider_keeps_its_own_prefix() {
        let base = Some("https://h.example/api/v2");
        let url = real_url("custom-pre", "/api/v2/models", base);
        assert_eq!(url.as_deref(), Some("https://h.example/api/v2/models"));
    }

    #[test]
    fn origins_carry_the_placeholders_of_the_host() {
        assert_eq!(origin("openai", "http://m"), "http://m/openai");
        assert_eq!(origin("azure-openai", "http://m"), "http://m/azure-openai/{resource}");
        assert_eq!(origin("custom-x", "http://m"), "http://m/custom-x");
    }
}
