//! Which values of an answer are looked at, over all dialects, in one tree.

use crate::scan::{Capture, Node};

use super::counts::Count;

/// What a value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// A number of tokens or other units.
    Count(Count),
    /// Token counts by modality, in Gemini's list form.
    Modalities(Side),
    /// The model that answered.
    Model,
    /// The service tier that was charged.
    Tier,
    /// Why the model stopped.
    Finish,
    /// State of a whole answer (`completed`, `succeeded`, ...): a finish reason of last resort.
    Status,
    /// Why an answer stayed incomplete.
    Incomplete,
    /// Why a prompt was refused.
    Blocked,
    /// Name of the event or object.
    Type,
    /// An error object or text.
    Error,
    /// A list of error objects.
    Errors,
    /// Workers AI's verdict.
    Success,
    /// An error's number or word beside its message.
    Code,
    /// An error's text beside its code.
    Message,
    /// The provider's own price, in dollars.
    Cost,
    /// The provider's own price, in ten-billionths of a dollar (xAI).
    CostTicks,
    /// What the provider paid to another with the caller's own key (OpenRouter).
    UpstreamCost,
    /// Whether the caller's own key was used there.
    OwnKey,
    /// Seconds of audio that was listened to.
    Seconds,
    /// An image that was made.
    Image,
    /// How much of the web was looked at.
    SearchSize,
    /// Content of any kind.
    Content,
    /// The `choices` of OpenAI chat and completions.
    Choices,
    /// The `candidates` of Gemini.
    Candidates,
    /// Workers AI's or Ollama's piece of text.
    ResponseText,
    /// Ollama's mark of the last line.
    Done,
}

/// Which side of an exchange a list of modalities counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The prompt.
    Prompt,
    /// The results of tools, fed back as prompt.
    Tool,
    /// The answer.
    Answer,
}

type Children = &'static [(&'static str, Node<Field>)];

const fn count(count: Count) -> Node<Field> {
    Node::scalar(Field::Count(count))
}

const SECONDS: Node<Field> = Node::scalar(Field::Seconds);
const CONTENT: Node<Field> = Node::presence(Field::Content);
const MODEL: Node<Field> = Node::scalar(Field::Model);
const TIER: Node<Field> = Node::scalar(Field::Tier);
const FINISH: Node<Field> = Node::scalar(Field::Finish);
const ERROR: Node<Field> = Node::raw(Field::Error);

/// The tree of an answer, of one event of a stream, and of the document inside a frame.
pub(super) static ANSWER: Node<Field> = Node::branch(&[
    ("model", MODEL),
    ("modelVersion", MODEL),
    ("type", Node::scalar(Field::Type)),
    ("event_type", Node::scalar(Field::Type)),
    ("object", Node::scalar(Field::Type)),
    ("choices", CHOICES),
    ("delta", DELTA),
    ("candidates", CANDIDATES),
    ("usage", USAGE),
    ("usageMetadata", USAGE_METADATA),
    ("usage_info", Node::branch(&[("pages_processed", count(Count::Pages))])),
    ("data", IMAGES),
    ("images", IMAGES),
    ("duration", SECONDS),
    ("audio_duration_secs", SECONDS),
    ("metadata", Node::branch(&[("duration", SECONDS)])),
    ("x_groq", Node::branch(&[("usage", USAGE), ("error", ERROR)])),
    ("message", MESSAGE),
    ("response", RESPONSE),
    (
        "result",
        Node::branch(&[
            ("usage", USAGE),
            ("model", MODEL),
            ("response", CONTENT),
            ("transcription_info", Node::branch(&[("duration", SECONDS)])),
        ]),
    ),
    ("service_tier", TIER),
    ("serviceTier", Node { capture: Capture::Scalar(Field::Tier), children: &[("type", TIER)] }),
    ("error", ERROR),
    ("errors", Node::raw(Field::Errors)),
    ("success", Node::scalar(Field::Success)),
    ("code", Node::scalar(Field::Code)),
    ("status", Node::scalar(Field::Status)),
    ("incomplete_details", INCOMPLETE),
    ("promptFeedback", Node::branch(&[("blockReason", Node::scalar(Field::Blocked))])),
    ("finish_reason", FINISH),
    ("stop_reason", FINISH),
    ("stopReason", FINISH),
    ("done_reason", FINISH),
    ("done", Node::scalar(Field::Done)),
    ("content", CONTENT),
    ("content_block", Node::branch(&[("name", CONTENT)])),
    ("start", Node::branch(&[("toolUse", CONTENT)])),
    ("text", CONTENT),
    ("output", CONTENT),
    ("completion", CONTENT),
    ("generation", CONTENT),
    ("outputText", CONTENT),
    ("outputs", Node::branch(&[("text", CONTENT), ("stop_reason", FINISH)])),
    ("token", Node::branch(&[("text", CONTENT)])),
    ("meta", META),
    ("metrics", METRICS),
    ("amazon-bedrock-invocationMetrics", INVOCATION),
    ("prompt_token_count", count(Count::Prompt)),
    ("generation_token_count", count(Count::Completion)),
    ("inputTextTokenCount", count(Count::Prompt)),
    ("totalOutputTextTokenCount", count(Count::Completion)),
    (
        "results",
        Node::branch(&[("tokenCount", count(Count::Completion)), ("completionReason", FINISH)]),
    ),
    ("prompt_eval_count", count(Count::Prompt)),
    ("eval_count", count(Count::Completion)),
    ("predictions", PREDICTIONS),
]);

const CHOICES: Node<Field> = Node {
    capture: Capture::Seen(Field::Choices),
    children: &[
        ("finish_reason", FINISH),
        ("delta", Node::branch(CHAT_MESSAGE)),
        ("message", Node::branch(CHAT_MESSAGE)),
        ("text", CONTENT),
        ("error", ERROR),
    ],
};

const CHAT_MESSAGE: Children = &[
    ("content", CONTENT),
    ("reasoning_content", CONTENT),
    ("reasoning", CONTENT),
    ("tool_calls", CONTENT),
    ("function_call", CONTENT),
    ("refusal", CONTENT),
    ("audio", CONTENT),
];

/// A string in Responses; an object in Anthropic, Converse and Cohere.
const DELTA: Node<Field> = Node {
    capture: Capture::Presence(Field::Content),
    children: &[
        ("text", CONTENT),
        ("partial_json", CONTENT),
        ("thinking", CONTENT),
        ("reasoningContent", CONTENT),
        ("toolUse", CONTENT),
        ("stop_reason", FINISH),
        ("finish_reason", FINISH),
        ("usage", USAGE),
        ("error", ERROR),
        (
            "message",
            Node::branch(&[
                ("content", Node::branch(&[("text", CONTENT), ("thinking", CONTENT)])),
                ("tool_calls", CONTENT),
                ("tool_plan", CONTENT),
            ]),
        ),
    ],
};

const CANDIDATES: Node<Field> = Node {
    capture: Capture::Seen(Field::Candidates),
    children: &[
        ("finishReason", FINISH),
        (
            "content",
            Node::branch(&[(
                "parts",
                Node::branch(&[
                    ("text", CONTENT),
                    ("functionCall", CONTENT),
                    ("inlineData", CONTENT),
                    ("executableCode", CONTENT),
                ]),
            )]),
        ),
    ],
};

/// Anthropic's `message_start` has an object here, Ollama too; an error has a text.
const MESSAGE: Node<Field> = Node {
    capture: Capture::Scalar(Field::Message),
    children: &[
        ("model", MODEL),
        ("usage", USAGE),
        ("stop_reason", FINISH),
        ("content", CONTENT),
        ("thinking", CONTENT),
        ("tool_calls", CONTENT),
    ],
};

/// The whole answer in events of Responses and Cohere v1; a piece of text in Workers AI.
const RESPONSE: Node<Field> = Node {
    capture: Capture::Presence(Field::ResponseText),
    children: &[
        ("model", MODEL),
        ("usage", USAGE),
        ("service_tier", TIER),
        ("status", Node::scalar(Field::Status)),
        ("incomplete_details", INCOMPLETE),
        ("error", ERROR),
        ("finish_reason", FINISH),
        ("meta", META),
    ],
};

const INCOMPLETE: Node<Field> = Node::branch(&[("reason", Node::scalar(Field::Incomplete))]);

/// OpenAI and xAI call the list `data`, fal `images`.
const IMAGES: Node<Field> = Node::branch(&[
    ("url", Node::presence(Field::Image)),
    ("b64_json", Node::presence(Field::Image)),
]);

/// Everything that is called `usage` anywhere; the names do not collide in meaning.
const USAGE: Node<Field> = Node::branch(&[
    ("prompt_tokens", count(Count::Prompt)),
    ("completion_tokens", count(Count::Completion)),
    ("total_tokens", count(Count::Total)),
    ("prompt_tokens_details", Node::branch(INPUT_DETAILS)),
    ("completion_tokens_details", Node::branch(OUTPUT_DETAILS)),
    ("input_tokens", count(Count::Input)),
    ("output_tokens", count(Count::Output)),
    ("input_tokens_details", Node::branch(INPUT_DETAILS)),
    ("output_tokens_details", Node::branch(OUTPUT_DETAILS)),
    ("input_token_details", Node::branch(INPUT_DETAILS)),
    ("output_token_details", Node::branch(OUTPUT_DETAILS)),
    ("cached_tokens", count(Count::Cached)),
    ("prompt_cache_hit_tokens", count(Count::Cached)),
    ("reasoning_tokens", count(Count::Reasoning)),
    ("citation_tokens", count(Count::Citation)),
    ("num_search_queries", count(Count::WebSearch)),
    (
        "cost",
        Node {
            capture: Capture::Scalar(Field::Cost),
            children: &[("total_cost", Node::scalar(Field::Cost))],
        },
    ),
    ("cost_in_usd_ticks", Node::scalar(Field::CostTicks)),
    (
        "cost_details",
        Node::branch(&[("upstream_inference_cost", Node::scalar(Field::UpstreamCost))]),
    ),
    ("is_byok", Node::scalar(Field::OwnKey)),
    ("seconds", SECONDS),
    ("prompt_audio_seconds", SECONDS),
    ("search_context_size", Node::scalar(Field::SearchSize)),
    ("cache_read_input_tokens", count(Count::ApartRead)),
    ("cache_creation_input_tokens", count(Count::ApartWrite)),
    (
        "cache_creation",
        Node::branch(&[
            ("ephemeral_5m_input_tokens", count(Count::Write5m)),
            ("ephemeral_1h_input_tokens", count(Count::Write1h)),
        ]),
    ),
    ("server_tool_use", Node::branch(&[("web_search_requests", count(Count::WebSearch))])),
    ("service_tier", TIER),
    ("inputTokens", count(Count::Input)),
    ("outputTokens", count(Count::Output)),
    ("totalTokens", count(Count::Total)),
    ("cacheReadInputTokens", count(Count::ApartRead)),
    ("cacheWriteInputTokens", count(Count::ApartWrite)),
    ("tokens", Node::branch(COHERE_TOKENS)),
    ("billed_units", Node::branch(COHERE_BILLED)),
]);

const INPUT_DETAILS: Children = &[
    ("cached_tokens", count(Count::Cached)),
    ("cache_write_tokens", count(Count::WriteWithin)),
    ("audio_tokens", count(Count::AudioIn)),
    ("image_tokens", count(Count::ImageIn)),
];

const OUTPUT_DETAILS: Children = &[
    ("reasoning_tokens", count(Count::Reasoning)),
    ("audio_tokens", count(Count::AudioOut)),
    ("image_tokens", count(Count::ImageOut)),
];

const COHERE_TOKENS: Children =
    &[("input_tokens", count(Count::Input)), ("output_tokens", count(Count::Output))];

const COHERE_BILLED: Children = &[
    ("input_tokens", count(Count::BilledIn)),
    ("output_tokens", count(Count::BilledOut)),
    ("search_units", count(Count::Queries)),
];

const META: Node<Field> = Node::branch(&[
    ("tokens", Node::branch(COHERE_TOKENS)),
    ("billed_units", Node::branch(COHERE_BILLED)),
]);

const USAGE_METADATA: Node<Field> = Node::branch(&[
    ("promptTokenCount", count(Count::GeminiPrompt)),
    ("toolUsePromptTokenCount", count(Count::GeminiTool)),
    ("candidatesTokenCount", count(Count::GeminiCandidates)),
    ("responseTokenCount", count(Count::GeminiCandidates)),
    ("thoughtsTokenCount", count(Count::GeminiThoughts)),
    ("cachedContentTokenCount", count(Count::Cached)),
    ("totalTokenCount", count(Count::Total)),
    ("promptTokensDetails", Node::raw(Field::Modalities(Side::Prompt))),
    ("toolUsePromptTokensDetails", Node::raw(Field::Modalities(Side::Tool))),
    ("candidatesTokensDetails", Node::raw(Field::Modalities(Side::Answer))),
]);

const METRICS: Node<Field> = Node::branch(&[
    ("input_token_count", count(Count::Prompt)),
    ("output_token_count", count(Count::Completion)),
]);

const INVOCATION: Node<Field> = Node::branch(&[
    ("inputTokenCount", count(Count::MetricIn)),
    ("outputTokenCount", count(Count::MetricOut)),
    ("cacheReadInputTokenCount", count(Count::MetricRead)),
    ("cacheWriteInputTokenCount", count(Count::MetricWrite)),
]);

/// Vertex embeddings count the tokens of each text.
const PREDICTIONS: Node<Field> = Node::branch(&[(
    "embeddings",
    Node::branch(&[("statistics", Node::branch(&[("token_count", count(Count::Predicted))]))]),
)]);
