// The unified endpoints, and a model of every provider that has one. Gateway `gw1` has a key for
// each of them, so the gateway's token is the only key that a client needs.
import { CLOSED, TOKEN } from "./gateway.mjs";

const base = process.env.GATEWAY_URL;

export { TOKEN };
export const COMPAT = `${CLOSED}/compat`;
export const RENAMED = `${base}/v1/acc1/renamed/compat`;
export const REST = `${base}/client/v4/accounts/acc1/ai`;

/** Providers that chat, and what their model is called here. */
export const CHAT = {
  openai: "openai/gpt-4o-mini",
  anthropic: "anthropic/claude-simulated",
  "google-ai-studio": "google-ai-studio/gemini-2.5-flash",
  "google-vertex-ai": "google-vertex-ai/google/gemini-2.5-flash",
  "aws-bedrock": "aws-bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0",
  "aws-bedrock nova": "aws-bedrock/amazon.nova-lite-v1:0",
  cohere: "cohere/command-a-03-2025",
  "workers-ai": "workers-ai/@cf/meta/llama-3.3-70b-instruct-fp8-fast",
  groq: "groq/llama-3.3-70b-versatile",
  mistral: "mistral/mistral-small-latest",
  deepseek: "deepseek/deepseek-chat",
  grok: "grok/grok-4",
  perplexity: "perplexity/sonar",
  cerebras: "cerebras/llama-3.3-70b",
  openrouter: "openrouter/meta-llama/llama-3.3-70b-instruct",
  baseten: "baseten/meta-llama/Llama-3.3-70B",
  parallel: "parallel/speed",
  fireworks: "fireworks/accounts/fireworks/models/llama-v3p3-70b-instruct",
  huggingface: "huggingface/meta-llama/Llama-3.3-70B-Instruct",
  "azure-openai": "azure-openai/myresource/mydeployment",
  custom: "custom-house/own-model",
};

/** These call no tools, and the gateway says so. */
export const TOOLLESS = ["perplexity", "parallel"];

/** DeepSeek knows JSON, but no schemas. */
export const SCHEMALESS = ["deepseek"];

/** Providers that make vectors. */
export const EMBED = {
  openai: "openai/text-embedding-3-small",
  "google-ai-studio": "google-ai-studio/gemini-embedding-001",
  cohere: "cohere/embed-v4.0",
  "aws-bedrock": "aws-bedrock/cohere.embed-multilingual-v3",
  "google-vertex-ai": "google-vertex-ai/google/text-embedding-005",
  "workers-ai": "workers-ai/@cf/baai/bge-m3",
  mistral: "mistral/mistral-embed",
};

/** Where the dialects differ most from each other. */
export const THREE = ["openai", "anthropic", "google-ai-studio"];

/** Names of the API host: author and model; keys are the operator's, paid with credits. */
export const AUTHORS = ["openai/gpt-4o-mini", "anthropic/claude-haiku-4.5", "google/gemini-2.5-flash"];

/** The simulator calls the tools whose names a prompt has. */
export const ONE_TOOL = "weather in Paris, please";
export const TWO_TOOLS = "weather and clock in Paris, please";
