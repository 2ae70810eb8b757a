// OpenAI's client at the API host: the gateway's token is the only credential, keys are the
// operator's or stored ones.
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import { KEY, WEATHER, rejection } from "./gateway.mjs";
import { AUTHORS, ONE_TOOL, REST, TOKEN } from "./unified.mjs";

const at = (options) =>
  new OpenAI({ apiKey: TOKEN, baseURL: `${REST}/v1`, maxRetries: 0, ...options });
const client = at({});
const messages = [{ role: "user", content: "say hello" }];
const tools = [{ type: "function", function: { name: "weather", parameters: WEATHER } }];
const WORKERS = "@cf/meta/llama-3.3-70b-instruct-fp8-fast";

for (const model of [...AUTHORS, "xai/grok-4.20", WORKERS]) {
  test(`${model}: chat, whole and as a stream`, async () => {
    const whole = await client.chat.completions.create({ model, messages });
    assert.ok(whole.choices[0].message.content.includes("hello"));
    const options = { stream: true, stream_options: { include_usage: true } };
    const stream = await client.chat.completions.create({ model, messages, ...options });
    let text = "";
    let usage;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? "";
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, whole.choices[0].message.content);
    assert.equal(usage.total_tokens, whole.usage.total_tokens);
  });

  test(`${model}: tools, and an answer of a schema`, async () => {
    const asked = [{ role: "user", content: ONE_TOOL }];
    const { choices } = await client.chat.completions.create({ model, messages: asked, tools });
    assert.equal(choices[0].message.tool_calls[0].function.name, "weather");
    const response_format = zodResponseFormat(z.object({ name: z.string() }), "person");
    const answer = await client.chat.completions.parse({ model, messages, response_format });
    assert.equal(typeof answer.choices[0].message.parsed.name, "string");
  });

  test(`${model}: a response`, async () => {
    const whole = await client.responses.create({ model, input: "say hello" });
    const streamed = await client.responses.stream({ model, input: "say hello" }).finalResponse();
    assert.ok(whole.output_text.length > 0);
    assert.equal(streamed.output_text, whole.output_text);
  });
}

test("models", async () => {
  const { data } = await client.models.list();
  assert.ok(AUTHORS.every((name) => data.some((it) => it.id === name)), AUTHORS.join());
});

test("vectors", async () => {
  const model = "openai/text-embedding-3-small";
  const { data } = await client.embeddings.create({ model, input: ["one", "two"] });
  assert.equal(data.length, 2);
});

test("a gateway by its name, with keys of its own", async () => {
  const named = at({ defaultHeaders: { "cf-aig-gateway-id": "gw1" } });
  const { response } = await named.chat.completions
    .create({ model: AUTHORS[0], messages })
    .withResponse();
  assert.match(response.headers.get("cf-aig-log-id"), /^[0-9a-f-]{36}$/);
});

test("refusals have the client's types", async () => {
  const stranger = await rejection(at({ apiKey: KEY }).chat.completions.create({ model: AUTHORS[0], messages }));
  assert.ok(stranger instanceof OpenAI.AuthenticationError, String(stranger));
  const unknown = await rejection(client.chat.completions.create({ model: "openai/gpt-nothing", messages }));
  assert.ok(unknown instanceof OpenAI.APIError && unknown.status < 500, String(unknown));
});
