// The AI SDK: with the provider of OpenAI-compatible endpoints, and with vendors' own providers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, Output, embedMany, generateObject, generateText, isStepCount, streamText, tool } from "ai";
import { z } from "zod";
import { rejection } from "./gateway.mjs";
import { CHAT, COMPAT, EMBED, ONE_TOOL, REST, SCHEMALESS, TOKEN, TOOLLESS, TWO_TOOLS } from "./unified.mjs";

const compatible = (baseURL) =>
  createOpenAICompatible({
    name: "weir",
    baseURL,
    apiKey: TOKEN,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
const unified = compatible(COMPAT);
const place = z.object({ city: z.string() });
const tools = Object.fromEntries(
  ["weather", "clock"].map((name) => [
    name,
    tool({ description: name, inputSchema: place, execute: async ({ city }) => `fine in ${city}` }),
  ]),
);
const schema = z.object({ name: z.string(), age: z.number() });
const responses = createOpenAI({ apiKey: TOKEN, baseURL: COMPAT });
const messages = createAnthropic({ apiKey: TOKEN, baseURL: `${COMPAT}/v1` });
const rest = compatible(`${REST}/v1`);

const MODELS = [
  ...Object.entries(CHAT).map(([name, model]) => [name, unified(model)]),
  ["openai, responses", responses(CHAT.openai)],
  ["anthropic, responses", responses(CHAT.anthropic)],
  ["openai, messages", messages(CHAT.openai)],
  ["google-ai-studio, messages", messages(CHAT["google-ai-studio"])],
  ["openai at the API host", rest("openai/gpt-4o-mini")],
  ["workers-ai at the API host", rest("@cf/meta/llama-3.3-70b-instruct-fp8-fast")],
];

for (const [name, model] of MODELS) {
  test(`${name}: text, whole and as a stream`, async () => {
    const whole = await generateText({ model, prompt: "say hello", maxRetries: 0 });
    assert.ok(whole.text.includes("hello"));
    assert.equal(whole.finishReason, "stop");
    assert.ok(whole.usage.inputTokens > 0 && whole.usage.outputTokens > 0);
    const stream = streamText({ model, prompt: "say hello", maxRetries: 0 });
    let text = "";
    for await (const piece of stream.textStream) text += piece;
    assert.equal(text, whole.text);
    assert.equal((await stream.usage).outputTokens, whole.usage.outputTokens);
  });

  test(`${name}: tools that are called, and their results`, { skip: TOOLLESS.includes(name) }, async () => {
    const request = { model, tools, stopWhen: isStepCount(3), maxRetries: 0 };
    const whole = await generateText({ ...request, prompt: ONE_TOOL });
    assert.deepEqual(whole.steps.flatMap((step) => step.toolCalls.map((it) => it.toolName)), ["weather"]);
    assert.ok(whole.text.length > 0);
    const stream = streamText({ ...request, prompt: TWO_TOOLS });
    await stream.consumeStream();
    const called = (await stream.steps).flatMap((step) => step.toolCalls.map((it) => it.toolName));
    assert.deepEqual(called.sort(), ["clock", "weather"]);
    assert.ok((await stream.text).length > 0);
  });

  test(`${name}: an object`, { skip: SCHEMALESS.includes(name) }, async () => {
    const { object } = await generateObject({ model, schema, prompt: "Jane is 54.", maxRetries: 0 });
    assert.deepEqual(schema.parse(object), object);
  });
}

test("an output beside text", async () => {
  const output = Output.object({ schema });
  const answer = await generateText({ model: unified(CHAT.anthropic), prompt: "Jane is 54.", output });
  assert.deepEqual(schema.parse(answer.output), answer.output);
});

test("vectors", async () => {
  for (const name of Object.values(EMBED)) {
    const { embeddings } = await embedMany({ model: unified.embeddingModel(name), values: ["one", "two"] });
    assert.equal(embeddings.length, 2, name);
  }
});

test("failures have the SDK's type", async () => {
  const model = unified(`${CHAT.anthropic};status=429`);
  const error = await rejection(generateText({ model, prompt: "hi", maxRetries: 0 }));
  assert.ok(APICallError.isInstance(error), String(error));
  assert.equal(error.statusCode, 429);
  assert.equal(error.isRetryable, true);
});
