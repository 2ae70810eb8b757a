// Cloudflare's providers of the AI SDK. Their host is compiled in, so they get a binding, or a
// `fetch` that changes the host and nothing else.
import assert from "node:assert/strict";
import { test } from "node:test";
import { generateText, isStepCount, streamText, tool } from "ai";
import { createAiGateway } from "ai-gateway-provider";
import { createAnthropic } from "ai-gateway-provider/providers/anthropic";
import { createGoogleGenerativeAI } from "ai-gateway-provider/providers/google";
import { createOpenAI } from "ai-gateway-provider/providers/openai";
import { createUnified } from "ai-gateway-provider/providers/unified";
import { z } from "zod";
import { createBinding } from "../ai-gateway-binding/src/index.js";
import { KEY, TOKEN, rejection } from "./gateway.mjs";
import { CHAT, ONE_TOOL } from "./unified.mjs";

const baseURL = process.env.GATEWAY_URL;
const binding = (gateway) => createBinding({ baseURL, account: "acc1", gateway, apiKey: TOKEN });
const gateway = createAiGateway({ binding: binding("gw1") });
const weather = tool({
  description: "The weather",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `sunny in ${city}`,
});
const named = { maxRetries: 0, prompt: "say hello" };

const MODELS = {
  openai: createOpenAI({ apiKey: KEY }).chat("gpt-4o-mini"),
  "openai, responses": createOpenAI({ apiKey: KEY })("gpt-4o-mini"),
  "openai, stored key": createOpenAI().chat("gpt-4o-mini"),
  anthropic: createAnthropic({ apiKey: KEY })("claude-simulated"),
  "anthropic, stored key": createAnthropic()("claude-simulated"),
  google: createGoogleGenerativeAI({ apiKey: KEY })("gemini-2.5-flash"),
  unified: createUnified()(CHAT.anthropic),
};

for (const [name, model] of Object.entries(MODELS)) {
  test(`${name}: text and tools, whole and as a stream`, async () => {
    const whole = await generateText({ ...named, model: gateway(model) });
    assert.ok(whole.text.includes("hello"));
    const stream = streamText({ ...named, model: gateway(model) });
    assert.equal(await stream.text, whole.text);
    const request = { model: gateway(model), tools: { weather }, stopWhen: isStepCount(3) };
    const called = await generateText({ ...request, prompt: ONE_TOOL, maxRetries: 0 });
    assert.equal(called.steps[0].toolCalls[0].toolName, "weather");
    assert.ok(called.text.length > 0);
  });
}

test("the second model answers when the first fails", async () => {
  const failing = createOpenAI({ apiKey: KEY }).chat("gpt-4o-mini;status=503");
  const model = gateway([failing, MODELS.anthropic]);
  const whole = await generateText({ ...named, model });
  assert.match(whole.text, /claude-simulated/);
  const stream = streamText({ ...named, model });
  assert.equal(await stream.text, whole.text);
});

test("a gateway that is not there, and a wrong token", async () => {
  const model = (settings) => createAiGateway({ binding: createBinding({ baseURL, account: "acc1", ...settings }) });
  const nowhere = model({ gateway: "nowhere", apiKey: TOKEN })(MODELS.openai);
  const lost = await rejection(generateText({ ...named, model: nowhere }));
  assert.match(String(lost), /Gateway|does not exist/);
  const stranger = model({ gateway: "gw1", apiKey: "tok-wrong" })(MODELS.openai);
  const refused = await rejection(generateText({ ...named, model: stranger }));
  assert.match(String(refused), /[Uu]nauthorized|token|Gateway/);
});
