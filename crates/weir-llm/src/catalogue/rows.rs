//! The table itself. To add a provider, add a row; the tests check its form.

use super::Provider;
use super::upstream::Upstream::{
    self, Azure, Baseten, Bedrock, Fal, Verbatim, Versioned, Vertex, WorkersAi,
};

const BEARER: &str = "Bearer ";
const AUTHORIZATION: &[&str] = &["authorization"];

/// A row with a bearer key and no peculiarity; the rows name what differs.
const PLAIN: Provider = Provider {
    slug: "",
    aliases: &[],
    name: "",
    credential_headers: AUTHORIZATION,
    credential_query: None,
    credential_scheme: BEARER,
    model_prefix: None,
    expects: "the provider's own path, e.g. v1/chat/completions",
    usage_on_request: false,
    upstream: Verbatim { origin: "" },
};

/// A base whose version segment a client may send or leave out.
const fn v1(origin: &'static str) -> Upstream {
    Versioned { origin, base: "/v1", strip: &["v1"], keep: &[] }
}

/// Sorted by slug.
pub(super) const PROVIDERS: &[Provider] = &[
    Provider {
        slug: "anthropic",
        name: "Anthropic",
        credential_headers: &["x-api-key", "authorization"],
        credential_scheme: "",
        model_prefix: Some("anthropic/"),
        expects: "the provider's own path, e.g. v1/messages",
        upstream: Verbatim { origin: "https://api.anthropic.com" },
        ..PLAIN
    },
    Provider {
        slug: "aws-bedrock",
        aliases: &["bedrock"],
        name: "Amazon Bedrock",
        model_prefix: Some("aws-bedrock/"),
        expects: "bedrock-runtime/{region}/model/{id}/converse or bedrock-mantle/{region}/...",
        upstream: Bedrock,
        ..PLAIN
    },
    Provider {
        slug: "azure-openai",
        aliases: &["azureopenai"],
        name: "Azure OpenAI",
        credential_headers: &["api-key", "authorization"],
        credential_scheme: "",
        expects: "{resource}/{deployment}/{operation}?api-version=... or {resource}/openai/v1/...",
        usage_on_request: true,
        upstream: Azure,
        ..PLAIN
    },
    Provider {
        slug: "baseten",
        name: "Baseten",
        credential_scheme: "Api-Key ",
        model_prefix: Some("baseten/"),
        expects: "v1/chat/completions or model/{id}",
        upstream: Baseten,
        ..PLAIN
    },
    Provider {
        slug: "cartesia",
        name: "Cartesia",
        credential_headers: &["x-api-key", "authorization"],
        credential_scheme: "",
        expects: "the provider's own path, e.g. tts/bytes",
        upstream: Verbatim { origin: "https://api.cartesia.ai" },
        ..PLAIN
    },
    Provider {
        slug: "cerebras",
        name: "Cerebras",
        model_prefix: Some("cerebras/"),
        upstream: v1("https://api.cerebras.ai"),
        ..PLAIN
    },
    Provider {
        slug: "cohere",
        name: "Cohere",
        model_prefix: Some("cohere/"),
        expects: "the provider's own path, e.g. v2/chat",
        upstream: Versioned {
            origin: "https://api.cohere.com",
            base: "/v1",
            strip: &["v1"],
            keep: &["v2", "compatibility"],
        },
        ..PLAIN
    },
    Provider {
        slug: "deepgram",
        name: "Deepgram",
        credential_scheme: "Token ",
        expects: "the provider's own path, e.g. v1/listen",
        upstream: Verbatim { origin: "https://api.deepgram.com" },
        ..PLAIN
    },
    Provider {
        slug: "deepseek",
        name: "DeepSeek",
        model_prefix: Some("deepseek/"),
        upstream: Verbatim { origin: "https://api.deepseek.com" },
        ..PLAIN
    },
    Provider {
        slug: "elevenlabs",
        name: "ElevenLabs",
        credential_headers: &["xi-api-key", "authorization"],
        credential_scheme: "",
        expects: "the provider's own path, e.g. v1/text-to-speech/{voice}",
        upstream: Verbatim { origin: "https://api.elevenlabs.io" },
        ..PLAIN
    },
    Provider {
        slug: "fal",
        name: "fal",
        credential_scheme: "Key ",
        expects: "a model's path, e.g. fal-ai/fast-sdxl",
        upstream: Fal,
        ..PLAIN
    },
    Provider {
        slug: "fireworks",
        name: "Fireworks AI",
        model_prefix: Some("fireworks/"),
        upstream: Versioned {
            origin: "https://api.fireworks.ai",
            base: "/inference/v1",
            strip: &["inference/v1", "v1"],
            keep: &[],
        },
        ..PLAIN
    },
    Provider {
        slug: "google-ai-studio",
        aliases: &["google"],
        name: "Google AI Studio",
        credential_headers: &["x-goog-api-key", "authorization"],
        credential_query: Some("key"),
        credential_scheme: "",
        model_prefix: Some("google-ai-studio/"),
        expects: "the provider's own path, e.g. v1beta/models/{model}:generateContent",
        usage_on_request: false,
        upstream: Verbatim { origin: "https://generativelanguage.googleapis.com" },
    },
    Provider {
        slug: "google-vertex-ai",
        name: "Google Vertex AI",
        model_prefix: Some("google-vertex-ai/"),
        expects: "v1/projects/{project}/locations/{location}/publishers/{publisher}/models/...",
        upstream: Vertex,
        ..PLAIN
    },
    Provider {
        slug: "grok",
        aliases: &["xai"],
        name: "xAI",
        model_prefix: Some("grok/"),
        upstream: v1("https://api.x.ai"),
        ..PLAIN
    },
    Provider {
        slug: "groq",
        name: "Groq",
        model_prefix: Some("groq/"),
        upstream: Versioned {
            origin: "https://api.groq.com",
            base: "/openai/v1",
            strip: &["openai/v1", "v1"],
            keep: &[],
        },
        ..PLAIN
    },
    Provider {
        slug: "huggingface",
        name: "Hugging Face",
        expects: "{organisation}/{model}",
        upstream: Versioned {
            origin: "https://api-inference.huggingface.co",
            base: "/models",
            strip: &[],
            keep: &[],
        },
        ..PLAIN
    },
    Provider {
        slug: "ideogram",
        name: "Ideogram",
        credential_headers: &["api-key", "authorization"],
        credential_scheme: "",
        expects: "the provider's own path, e.g. v1/ideogram-v3/generate",
        upstream: Verbatim { origin: "https://api.ideogram.ai" },
        ..PLAIN
    },
    Provider {
        slug: "mistral",
        name: "Mistral AI",
        model_prefix: Some("mistral/"),
        upstream: v1("https://api.mistral.ai"),
        ..PLAIN
    },
    Provider {
        slug: "openai",
        name: "OpenAI",
        model_prefix: Some("openai/"),
        usage_on_request: true,
        upstream: v1("https://api.openai.com"),
        ..PLAIN
    },
    Provider {
        slug: "openrouter",
        name: "OpenRouter",
        model_prefix: Some("openrouter/"),
        upstream: Versioned {
            origin: "https://openrouter.ai",
            base: "/api/v1",
            strip: &["api/v1", "v1"],
            keep: &[],
        },
        ..PLAIN
    },
    Provider {
        slug: "parallel",
        name: "Parallel",
        credential_headers: &["x-api-key", "authorization"],
        credential_scheme: "",
        model_prefix: Some("parallel/"),
        expects: "the provider's own path, e.g. v1/tasks/runs",
        upstream: Verbatim { origin: "https://api.parallel.ai" },
        ..PLAIN
    },
    Provider {
        slug: "perplexity-ai",
        aliases: &["perplexity"],
        name: "Perplexity",
        model_prefix: Some("perplexity/"),
        expects: "the provider's own path, e.g. chat/completions",
        upstream: Verbatim { origin: "https://api.perplexity.ai" },
        ..PLAIN
    },
    Provider {
        slug: "replicate",
        name: "Replicate",
        expects: "the provider's own path, e.g. predictions",
        upstream: v1("https://api.replicate.com"),
        ..PLAIN
    },
    Provider {
        slug: "workers-ai",
        name: "Workers AI",
        model_prefix: Some("workers-ai/"),
        expects: "@cf/{author}/{model}, run/@cf/... or v1/chat/completions",
        upstream: WorkersAi,
        ..PLAIN
    },
];
