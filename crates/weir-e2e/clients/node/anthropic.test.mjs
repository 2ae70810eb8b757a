import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { CLOSED, KEY, OPEN, TOKEN, WEATHER, rejection } from "./gateway.mjs";

const client = new Anthropic({ apiKey: KEY, baseURL: `${OPEN}/anthropic`, maxRetries: 0 });
const model = "claude-simulated";
const messages = [{ role: "user", content: "say hello" }];
const request = { model, max_tokens: 200, messages };

test("messages", async () => {
  const { data, response } = await client.messages.create(request).withResponse();
  assert.equal(data.type, "message");
  assert.ok(data.content[0].text.length > 0);
  assert.ok(data.usage.input_tokens > 0 && data.usage.output_tokens > 0);
  assert.match(response.headers.get("cf-aig-log-id"), /^[0-9a-f-]{36}$/);
});

test("messages as a stream equal messages", async () => {
  const whole = await client.messages.create(request);
  const stream = client.messages.stream(request);
  let text = "";
  stream.on("text", (piece) => {
    text += piece;
  });
  const final = await stream.finalMessage();
  assert.equal(text, whole.content[0].text);
  assert.equal(final.stop_reason, whole.stop_reason);
  assert.equal(final.usage.output_tokens, whole.usage.output_tokens);
});

test("tools", async () => {
  const tools = [{ name: "weather", input_schema: WEATHER }];
  const asked = [{ role: "user", content: "weather in Paris, please" }];
  const first = await client.messages.create({ ...request, messages: asked, tools });
  assert.equal(first.stop_reason, "tool_use");
  const call = first.content.find((block) => block.type === "tool_use");
  assert.equal(call.name, "weather");
  assert.ok("city" in call.input);
  const result = { type: "tool_result", tool_use_id: call.id, content: "sunny" };
  const history = [
    ...asked,
    { role: "assistant", content: first.content },
    { role: "user", content: [result] },
  ];
  const second = await client.messages.create({ ...request, messages: history, tools });
  assert.equal(second.content[0].type, "text");
  const streamed = await client.messages.stream({ ...request, messages: asked, tools }).finalMessage();
  assert.ok(streamed.content.some((block) => block.type === "tool_use" && "city" in block.input));
});

test("counting tokens", async () => {
  const { input_tokens } = await client.messages.countTokens({ model, messages });
  assert.ok(input_tokens > 0);
});

const FAILURES = [
  [400, Anthropic.BadRequestError],
  [404, Anthropic.NotFoundError],
  [429, Anthropic.RateLimitError],
  [500, Anthropic.InternalServerError],
  [529, Anthropic.InternalServerError],
];

for (const [status, kind] of FAILURES) {
  test(`status ${status} is a ${kind.name}`, async () => {
    const asked = client.messages.create({ ...request, model: `${model};status=${status}` });
    const error = await rejection(asked);
    assert.ok(error instanceof kind, `${error?.constructor?.name}: ${error}`);
    assert.equal(error.status, status);
  });
}

test("a key that the provider refuses is an AuthenticationError", async () => {
  const refused = new Anthropic({ apiKey: "bad-key", baseURL: `${OPEN}/anthropic`, maxRetries: 0 });
  const error = await rejection(refused.messages.create(request));
  assert.ok(error instanceof Anthropic.AuthenticationError, String(error));
});

test("a refusal of the gateway is a typed error too", async () => {
  const anonymous = new Anthropic({ apiKey: KEY, baseURL: `${CLOSED}/anthropic`, maxRetries: 0 });
  const error = await rejection(anonymous.messages.create(request));
  assert.ok(error instanceof Anthropic.AuthenticationError, String(error));
});

test("a gateway token in a header of its own", async () => {
  const headers = { "cf-aig-authorization": `Bearer ${TOKEN}` };
  const options = { apiKey: KEY, baseURL: `${CLOSED}/anthropic`, defaultHeaders: headers };
  const answer = await new Anthropic(options).messages.create(request);
  assert.equal(answer.type, "message");
});

test("an error inside a stream is raised", async () => {
  const stream = client.messages.stream({ ...request, model: `${model};error-after=3` });
  const error = await rejection(stream.finalMessage());
  assert.ok(error instanceof Anthropic.APIError, String(error));
});

test("aborting a stream", async () => {
  const stream = client.messages.stream({ ...request, model: `${model};words=1000;chunk=20` });
  let pieces = 0;
  stream.on("text", () => {
    pieces += 1;
    if (pieces === 5) stream.abort();
  });
  const error = await rejection(stream.finalMessage());
  assert.ok(error instanceof Anthropic.APIUserAbortError, String(error));
  assert.ok(pieces < 1000, `${pieces} pieces arrived`);
});
