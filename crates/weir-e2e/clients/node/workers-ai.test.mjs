// `workers-ai-provider`: with a binding, and in REST mode through a `fetch` that changes the host.
import assert from "node:assert/strict";
import { test } from "node:test";
import { embedMany, generateObject, generateText, isStepCount, streamText, tool } from "ai";
import { createWorkersAI } from "workers-ai-provider";
import { anthropic } from "workers-ai-provider/anthropic";
import { openai } from "workers-ai-provider/openai";
import { z } from "zod";
import { createBinding } from "../ai-gateway-binding/src/index.js";
import { TOKEN, rejection } from "./gateway.mjs";
import { ONE_TOOL } from "./unified.mjs";

const baseURL = process.env.GATEWAY_URL;
const LLAMA = "@cf/meta/llama-3.3-70b-instruct-fp8-fast";
const binding = createBinding({ baseURL, account: "acc1", gateway: "gw1", apiKey: TOKEN });
const hosts = /^https:\/\/(gateway\.ai|api)\.cloudflare\.com/;
const fetchHere = (url, init) => {
  assert.match(String(url), hosts);
  return fetch(String(url).replace(hosts, baseURL), init);
};
const rest = { accountId: "acc1", apiKey: TOKEN, fetch: fetchHere };
const gateway = { id: "gw1" };
const weather = tool({
  description: "The weather",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `sunny in ${city}`,
});

const MODES = {
  binding: createWorkersAI({ binding, gateway, providers: [openai, anthropic] }),
  rest: createWorkersAI(rest),
  "rest, through a gateway": createWorkersAI({ ...rest, gateway }),
};
const MODELS = [
  ...Object.entries(MODES).map(([name, mode]) => [name, mode(LLAMA)]),
  ["binding, openai", MODES.binding("openai/gpt-4o-mini")],
  ["binding, anthropic", MODES.binding("anthropic/claude-haiku-4.5")],
];

for (const [name, model] of MODELS) {
  test(`${name}: text, whole and as a stream`, async () => {
    const whole = await generateText({ model, prompt: "say hello", maxRetries: 0 });
    assert.ok(whole.text.includes("hello"));
    assert.ok(whole.usage.outputTokens > 0);
    const stream = streamText({ model, prompt: "say hello", maxRetries: 0 });
    assert.equal(await stream.text, whole.text);
  });

  test(`${name}: tools and objects`, async () => {
    const request = { model, tools: { weather }, stopWhen: isStepCount(3), maxRetries: 0 };
    const called = await generateText({ ...request, prompt: ONE_TOOL });
    assert.equal(called.steps[0].toolCalls[0].toolName, "weather");
    assert.ok(called.text.length > 0);
    const stream = streamText({ ...request, prompt: ONE_TOOL });
    assert.equal(await stream.text, called.text);
    const schema = z.object({ name: z.string(), age: z.number() });
    const { object } = await generateObject({ model, schema, prompt: "Jane is 54.", maxRetries: 0 });
    assert.deepEqual(schema.parse(object), object);
  });
}

for (const [name, mode] of Object.entries(MODES)) {
  test(`${name}: vectors`, async () => {
    const model = mode.embedding("@cf/baai/bge-m3");
    const { embeddings } = await embedMany({ model, values: ["one", "two"] });
    assert.equal(embeddings.length, 2);
    assert.notDeepEqual(embeddings[0], embeddings[1]);
  });

  test(`${name}: a failure is an error`, async () => {
    const model = mode(`${LLAMA};status=429`);
    const error = await rejection(generateText({ model, prompt: "hi", maxRetries: 0 }));
    assert.match(String(error), /429|limit|capacity|failed/i);
  });
}
