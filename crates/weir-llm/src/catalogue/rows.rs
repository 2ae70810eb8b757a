//! The table itself. To add a provider, add a row; the tests check its form.

use super::Provider;
use super::serves::{self, NOTHING};
use super::upstream::Upstream::{
    self, Azure, Baseten, Bedrock, Fal, HuggingFace, Verbatim, Versioned, Vertex, WorkersAi,
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
    serves: &NOTHING,
    upstream: Verbatim { origin: "" },
};

/// A base whose version segment a client may send or leave out.
const fn v1(origin: &'static str) -> Upstream {
    Versioned { origin, base: "/v1", strip: &["v1"], keep: &[] }
}

/// Sorted by slug.
pub(super) const PROVIDERS: &[Provider] = &[
    Provider {
        slug: "alibaba",
        name: "Alibaba",
        model_prefix: Some("alibaba/"),
        serves: &serves::ALIBABA,
        upstream: Verbatim { origin: "https://dashscope-intl.aliyuncs.com" },
        ..PLAIN
    },
    Provider {
        slug: "anthropic",
        name: "Anthropic",
        credential_headers: &["x-api-key", "authorization"],
        credential_scheme: "",
        model_prefix: Some("anthropic/"),
        expects: "the provider's own path, e.g. v1/messages",
        serves: &serves::ANTHROPIC,
        upstream: Verbatim { origin: "https://api.anthropic.com" },
        ..PLAIN
    },
    Provider {
        slug: "aws-bedrock",
        aliases: &["bedrock"],
        name: "Amazon Bedrock",
        model_prefix: Some("aws-bedrock/"),
        expects: "bedrock-runtime/{region}/model/{id}/converse or bedrock-mantle/{region}/...",
        serves: &serves::BEDROCK,
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
        serves: &serves::AZURE,
        upstream: Azure,
        ..PLAIN
    },
    Provider {
        slug: "baseten",
        name: "Baseten",
        credential_scheme: "Api-Key ",
        model_prefix: Some("baseten/"),
        expects: "v1/chat/completions or model/{id}",
        serves: &serves::BASETEN,
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
        serves: &serves::CEREBRAS,
        upstream: v1("https://api.cerebras.ai"),
        ..PLAIN
    },
    Provider {
        slug: "cohere",
        name: "Cohere",
        model_prefix: Some("cohere/"),
        expects: "the provider's own path, e.g. v2/chat",
        serves: &serves::COHERE,
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
        serves: &serves::DEEPSEEK,
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
        serves: &serves::FIREWORKS,
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
        serves: &serves::GOOGLE_AI_STUDIO,
        upstream: Verbatim { origin: "https://generativelanguage.googleapis.com" },
    },
    Provider {
        slug: "google-vertex-ai",
        name: "Google Vertex AI",
        model_prefix: Some("google-vertex-ai/"),
        expects: "v1/projects/{project}/locations/{location}/publishers/{publisher}/models/...",
        serves: &serves::VERTEX,
        upstream: Vertex,
        ..PLAIN
    },
    Provider {
        slug: "grok",
        aliases: &["xai"],
        name: "xAI",
        model_prefix: Some("grok/"),
        serves: &serves::GROK,
        upstream: v1("https://api.x.ai"),
        ..PLAIN
    },
    Provider {
        slug: "groq",
        name: "Groq",
        model_prefix: Some("groq/"),
        serves: &serves::GROQ,
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
        model_prefix: Some("huggingface/"),
        expects: "{organisation}/{model}, or v1/chat/completions",
        serves: &serves::HUGGINGFACE,
        upstream: HuggingFace,
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
        slug: "minimax",
        name: "MiniMax",
        model_prefix: Some("minimax/"),
        serves: &serves::MINIMAX,
        upstream: Verbatim { origin: "https://api.minimax.io" },
        ..PLAIN
    },
    Provider {
        slug: "mistral",
        name: "Mistral AI",
        model_prefix: Some("mistral/"),
        serves: &serves::MISTRAL,
        upstream: v1("https://api.mistral.ai"),
        ..PLAIN
    },
    Provider {
        slug: "openai",
        name: "OpenAI",
        model_prefix: Some("openai/"),
        usage_on_request: true,
        serves: &serves::OPENAI,
        upstream: v1("https://api.openai.com"),
        ..PLAIN
    },
    Provider {
        slug: "openrouter",
        name: "OpenRouter",
        model_prefix: Some("openrouter/"),
        serves: &serves::OPENROUTER,
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
        serves: &serves::PLAIN_CHAT,
        upstream: Verbatim { origin: "https://api.parallel.ai" },
        ..PLAIN
    },
    Provider {
        slug: "perplexity-ai",
        aliases: &["perplexity"],
        name: "Perplexity",
        model_prefix: Some("perplexity/"),
        expects: "the provider's own path, e.g. chat/completions",
        serves: &serves::PLAIN_CHAT,
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
        serves: &serves::WORKERS_AI,
        upstream: WorkersAi,
        ..PLAIN
    },
];
