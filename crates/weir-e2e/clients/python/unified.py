"""The unified endpoints, and a model of every provider that has one."""

import os

BASE = os.environ["GATEWAY_URL"]
TOKEN = "tok-run"
COMPAT = f"{BASE}/v1/acc1/gw1/compat"
NATIVE = f"{BASE}/v1/acc1/gw1"
RENAMED = f"{BASE}/v1/acc1/renamed/compat"
REST = f"{BASE}/client/v4/accounts/acc1/ai"

CHAT = {
    "openai": "openai/gpt-4o-mini",
    "anthropic": "anthropic/claude-simulated",
    "google-ai-studio": "google-ai-studio/gemini-2.5-flash",
    "google-vertex-ai": "google-vertex-ai/google/gemini-2.5-flash",
    "aws-bedrock": "aws-bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0",
    "aws-bedrock nova": "aws-bedrock/amazon.nova-lite-v1:0",
    "cohere": "cohere/command-a-03-2025",
    "workers-ai": "workers-ai/@cf/meta/llama-3.3-70b-instruct-fp8-fast",
    "groq": "groq/llama-3.3-70b-versatile",
    "mistral": "mistral/mistral-small-latest",
    "deepseek": "deepseek/deepseek-chat",
    "grok": "grok/grok-4",
    "perplexity": "perplexity/sonar",
    "cerebras": "cerebras/llama-3.3-70b",
    "openrouter": "openrouter/meta-llama/llama-3.3-70b-instruct",
    "baseten": "baseten/meta-llama/Llama-3.3-70B",
    "parallel": "parallel/speed",
    "fireworks": "fireworks/accounts/fireworks/models/llama-v3p3-70b-instruct",
    "huggingface": "huggingface/meta-llama/Llama-3.3-70B-Instruct",
    "azure-openai": "azure-openai/myresource/mydeployment",
    "custom": "custom-house/own-model",
}
# These call no tools, and the gateway says so.
TOOLLESS = {"perplexity", "parallel"}
# DeepSeek knows JSON, but no schemas.
SCHEMALESS = {"deepseek"}

EMBED = {
    "openai": "openai/text-embedding-3-small",
    "google-ai-studio": "google-ai-studio/gemini-embedding-001",
    "cohere": "cohere/embed-v4.0",
    "aws-bedrock": "aws-bedrock/cohere.embed-multilingual-v3",
    "google-vertex-ai": "google-vertex-ai/google/text-embedding-005",
    "workers-ai": "workers-ai/@cf/baai/bge-m3",
    "mistral": "mistral/mistral-embed",
}

# Names of the API host: author and model.
AUTHORS = ["openai/gpt-4o-mini", "anthropic/claude-haiku-4.5", "google/gemini-2.5-flash"]

# The simulator calls the tools whose names a prompt has.
ONE_TOOL = "weather in Paris, please"
TWO_TOOLS = "weather and clock in Paris, please"
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


def user(content: object) -> list[dict]:
    """A conversation of one turn."""
    return [{"role": "user", "content": content}]
