//! Which places are a provider's own: where a key of it may be sent at all.

use super::Provider;
use super::upstream::Upstream;

impl Provider {
    /// The one origin of all its requests, e.g. `https://api.openai.com`. None where parts of a call
    /// name the host.
    pub const fn fixed_origin(&self) -> Option<&'static str> {
        match self.upstream {
            Upstream::Verbatim { origin } | Upstream::Versioned { origin, .. } => Some(origin),
            Upstream::WorkersAi => Some("https://api.cloudflare.com"),
            Upstream::Azure
            | Upstream::Bedrock
            | Upstream::Vertex
            | Upstream::Baseten
            | Upstream::HuggingFace
            | Upstream::Fal => None,
        }
    }

    /// Whether a host, in small letters and without a port, is the provider's.
    pub fn owns(&self, host: &str) -> bool {
        let below = |domain: &str| host.len() > domain.len() && host.ends_with(domain);
        match self.upstream {
            Upstream::Azure => below(".openai.azure.com"),
            Upstream::Bedrock => {
                (host.starts_with("bedrock-runtime.") && below(".amazonaws.com"))
                    || (host.starts_with("bedrock-mantle.") && below(".api.aws"))
            }
            Upstream::Vertex => {
                host == "aiplatform.googleapis.com" || below("-aiplatform.googleapis.com")
            }
            Upstream::Baseten => host == "inference.baseten.co" || below(".api.baseten.co"),
            Upstream::HuggingFace => {
                matches!(host, "router.huggingface.co" | "api-inference.huggingface.co")
            }
            Upstream::Fal => {
                matches!(host, "fal.run" | "fal.ai") || below(".fal.run") || below(".fal.ai")
            }
            _ => self.fixed_origin().and_then(|it| it.strip_prefix("https://")) == Some(host),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::catalogue::{all, find};

    #[test]
    fn a_fixed_origin_is_the_providers_own() {
        for row in all() {
            if let Some(origin) = row.fixed_origin() {
                assert!(row.owns(origin.strip_prefix("https://").unwrap()), "{}", row.slug);
            }
            assert!(!row.owns("evil.example") && !row.owns(""), "{}", row.slug);
        }
    }

    #[test]
    fn hosts_that_calls_name_stay_in_the_providers_domain() {
        for (slug, host, own) in [
            ("azure-openai", "res.openai.azure.com", true),
            ("azure-openai", "openai.azure.com", false),
            ("azure-openai", "res.openai.azure.com.evil.example", false),
            ("aws-bedrock", "bedrock-runtime.eu-west-1.amazonaws.com", true),
            ("aws-bedrock", "bucket.s3.amazonaws.com", false),
            ("google-vertex-ai", "europe-west4-aiplatform.googleapis.com", true),
            ("google-vertex-ai", "storage.googleapis.com", false),
            ("baseten", "model-abc.api.baseten.co", true),
            ("fal", "queue.fal.run", true),
            ("fal", "notfal.run", false),
        ] {
            assert_eq!(find(slug).unwrap().owns(host), own, "{slug} {host}");
        }
    }
}
