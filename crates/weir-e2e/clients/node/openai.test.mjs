import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { CLOSED, KEY, OPEN, TOKEN, WEATHER, rejection } from "./gateway.mjs";

const client = new OpenAI({ apiKey: KEY, baseURL: `${OPEN}/openai`, maxRetries: 0 });
const messages = [{ role: "user", content: "say hello" }];
const model = "gpt-4o-mini";

test("chat", async () => {
  const { data, response } = await client.chat.completions
    .create({ model, messages })
    .withResponse();
  assert.equal(data.object, "chat.completion");
  assert.ok(data.choices[0].message.content.length > 0);
  assert.ok(data.usage.total_tokens > 0);
  assert.match(response.headers.get("cf-aig-log-id"), /^[0-9a-f-]{36}$/);
  assert.equal(response.headers.get("cf-aig-step"), "0");
});

test("chat as a stream equals chat", async () => {
  const whole = await client.chat.completions.create({ model, messages });
  const options = { include_usage: true };
  const stream = await client.chat.completions.create({
    model,
    messages,
    stream: true,
    stream_options: options,
  });
  let text = "";
  let usage;
  let chunks = 0;
  for await (const chunk of stream) {
    chunks += 1;
    text += chunk.choices[0]?.delta?.content ?? "";
    usage = chunk.usage ?? usage;
  }
  assert.ok(chunks > 2);
  assert.equal(text, whole.choices[0].message.content);
  assert.deepEqual(usage.total_tokens, whole.usage.total_tokens);
});

test("tools", async () => {
  const tools = [{ type: "function", function: { name: "weather", parameters: WEATHER } }];
  const asked = [{ role: "user", content: "weather in Paris, please" }];
  const first = await client.chat.completions.create({ model, messages: asked, tools });
  assert.equal(first.choices[0].finish_reason, "tool_calls");
  const call = first.choices[0].message.tool_calls[0];
  assert.equal(call.function.name, "weather");
  assert.ok("city" in JSON.parse(call.function.arguments));
  const result = { role: "tool", tool_call_id: call.id, content: "sunny" };
  const second = await client.chat.completions.create({
    model,
    messages: [...asked, first.choices[0].message, result],
    tools,
  });
  assert.ok(second.choices[0].message.content.length > 0);
  const stream = client.chat.completions.stream({ model, messages: asked, tools });
  const final = await stream.finalChatCompletion();
  assert.equal(final.choices[0].message.tool_calls[0].function.name, "weather");
});

test("embeddings", async () => {
  const input = ["one", "two"];
  const { data } = await client.embeddings.create({ model: "text-embedding-3-small", input });
  assert.equal(data.length, 2);
  assert.ok(data[0].embedding.length > 1);
  assert.ok(data[0].embedding.every(Number.isFinite));
});

test("models", async () => {
  const { data } = await client.models.list();
  assert.ok(data.length > 0);
  assert.equal((await client.models.retrieve(model)).id, model);
});

test("responses", async () => {
  const response = await client.responses.create({ model, input: "say hello" });
  assert.equal(response.status, "completed");
  assert.ok(response.output_text.length > 0);
  const stream = await client.responses.create({ model, input: "say hello", stream: true });
  let text = "";
  let completed = false;
  for await (const event of stream) {
    if (event.type === "response.output_text.delta") text += event.delta;
    completed ||= event.type === "response.completed";
  }
  assert.equal(text, response.output_text);
  assert.ok(completed);
});

const FAILURES = [
  [400, OpenAI.BadRequestError],
  [404, OpenAI.NotFoundError],
  [429, OpenAI.RateLimitError],
  [500, OpenAI.InternalServerError],
  [503, OpenAI.InternalServerError],
];

for (const [status, kind] of FAILURES) {
  test(`status ${status} is a ${kind.name}`, async () => {
    const asked = client.chat.completions.create({ model: `${model};status=${status}`, messages });
    const error = await rejection(asked);
    assert.ok(error instanceof kind, `${error?.constructor?.name}: ${error}`);
    assert.equal(error.status, status);
    assert.ok(error.message.length > 0);
  });
}

test("a key that the provider refuses is an AuthenticationError", async () => {
  const refused = new OpenAI({ apiKey: "bad-key", baseURL: `${OPEN}/openai`, maxRetries: 0 });
  const error = await rejection(refused.chat.completions.create({ model, messages }));
  assert.ok(error instanceof OpenAI.AuthenticationError, String(error));
});

test("a refusal of the gateway is a typed error too", async () => {
  const anonymous = new OpenAI({ apiKey: KEY, baseURL: `${CLOSED}/openai`, maxRetries: 0 });
  const error = await rejection(anonymous.chat.completions.create({ model, messages }));
  assert.ok(error instanceof OpenAI.AuthenticationError, String(error));
  const lost = new OpenAI({ apiKey: KEY, baseURL: `${OPEN}/opnai`, maxRetries: 0 });
  const unknown = await rejection(lost.chat.completions.create({ model, messages }));
  assert.ok(unknown instanceof OpenAI.BadRequestError, String(unknown));
  assert.match(unknown.headers.get("weir-hint"), /openai/);
});

test("a gateway token in a header of its own", async () => {
  const headers = { "cf-aig-authorization": `Bearer ${TOKEN}` };
  const options = { apiKey: KEY, baseURL: `${CLOSED}/openai/v1`, defaultHeaders: headers };
  const answer = await new OpenAI(options).chat.completions.create({ model, messages });
  assert.equal(answer.object, "chat.completion");
});

test("the client's own retries work", async () => {
  const patient = new OpenAI({ apiKey: KEY, baseURL: `${OPEN}/openai`, maxRetries: 2 });
  const headers = { "x-sim-key": `node-${process.pid}` };
  const flaky = `${model};fail=1;status=503`;
  const answer = await patient.chat.completions.create({ model: flaky, messages }, { headers });
  assert.equal(answer.object, "chat.completion");
});

test("aborting a stream", async () => {
  const stream = await client.chat.completions.create({
    model: `${model};words=1000;chunk=20`,
    messages,
    stream: true,
  });
  let chunks = 0;
  for await (const chunk of stream) {
    assert.ok(chunk);
    chunks += 1;
    if (chunks === 5) stream.controller.abort();
  }
  assert.ok(chunks < 1000, `${chunks} chunks arrived`);
});

test("aborting a call that hangs", async () => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 100);
  const options = { signal: abort.signal };
  const asked = client.chat.completions.create({ model: `${model};hang`, messages }, options);
  const error = await rejection(asked);
  assert.ok(error instanceof OpenAI.APIUserAbortError, String(error));
});

test("a stream that breaks is an error and not an end", async () => {
  const stream = await client.chat.completions.create({
    model: `${model};words=50;chunk=5;cut-after=5`,
    messages,
    stream: true,
  });
  await rejection(
    (async () => {
      for await (const chunk of stream) assert.ok(chunk);
    })(),
  );
});
