// Anthropic's client at the unified endpoints and at the API host, with models of everybody.
import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { z } from "zod";
import { CLOSED, WEATHER, rejection } from "./gateway.mjs";
import {
  AUTHORS, CHAT, COMPAT, ONE_TOOL, RENAMED, REST, TOKEN, TOOLLESS, TWO_TOOLS,
} from "./unified.mjs";

const at = (baseURL, options) => new Anthropic({ apiKey: TOKEN, baseURL, maxRetries: 0, ...options });
const compat = at(COMPAT);
const tools = ["weather", "clock"].map((name) => ({ name, input_schema: WEATHER }));
const user = (content) => [{ role: "user", content }];
const Person = z.object({ name: z.string(), age: z.number() });

const PLACES = [
  ["native", at(`${CLOSED}/anthropic`), "claude-sonnet-4-5"],
  ...Object.entries(CHAT).map(([name, model]) => [name, compat, model]),
  ...AUTHORS.map((model) => [`ai: ${model}`, at(REST), model]),
  [`ai/v1: ${AUTHORS[0]}`, at(`${REST}/v1`), AUTHORS[0]],
  ["ai: bearer", at(REST, { apiKey: null, authToken: TOKEN }), AUTHORS[1]],
];

for (const [name, client, model] of PLACES) {
  const request = { model, max_tokens: 400, messages: user("say hello") };

  test(`${name}: a message, whole and as a stream`, async () => {
    const whole = await client.messages.create({ ...request, system: "Be brief." });
    assert.equal(whole.type, "message");
    assert.equal(whole.stop_reason, "end_turn");
    const text = whole.content.find((it) => it.type === "text").text;
    assert.ok(text.includes("hello"));
    assert.ok(whole.usage.input_tokens > 0 && whole.usage.output_tokens > 0);
    const stream = client.messages.stream({ ...request, system: "Be brief." });
    const pieces = [];
    stream.on("text", (piece) => pieces.push(piece));
    const final = await stream.finalMessage();
    assert.equal(pieces.join(""), text);
    assert.equal(final.stop_reason, "end_turn");
    assert.equal(final.usage.output_tokens, whole.usage.output_tokens);
    assert.equal(final.usage.input_tokens, whole.usage.input_tokens);
  });

  test(`${name}: tools, one after the other, together and as a stream`, async () => {
    const asked = user(ONE_TOOL);
    const create = (messages) => client.messages.create({ ...request, messages, tools });
    if (TOOLLESS.includes(name)) {
      const error = await rejection(create(asked));
      assert.ok(error instanceof Anthropic.BadRequestError, String(error));
      assert.equal(error.error.error.type, "invalid_request_error");
      return;
    }
    const first = await create(asked);
    assert.equal(first.stop_reason, "tool_use");
    const call = first.content.find((it) => it.type === "tool_use");
    assert.equal(call.name, "weather");
    assert.ok("city" in call.input);
    const result = { type: "tool_result", tool_use_id: call.id, content: "sunny" };
    const history = [...asked, { role: "assistant", content: first.content }, ...user([result])];
    const second = await create(history);
    assert.equal(second.stop_reason, "end_turn");
    const third = [...history, { role: "assistant", content: second.content }, ...user(TWO_TOOLS)];
    const both = await create(third);
    const calls = both.content.filter((it) => it.type === "tool_use");
    assert.deepEqual(calls.map((it) => it.name).sort(), ["clock", "weather"]);
    const results = calls.map((it) => ({ type: "tool_result", tool_use_id: it.id, content: "fine" }));
    const end = await create([...third, { role: "assistant", content: both.content }, ...user(results)]);
    assert.equal(end.stop_reason, "end_turn");
    const streamed = await client.messages.stream({ ...request, messages: user(TWO_TOOLS), tools }).finalMessage();
    const names = streamed.content.filter((it) => it.type === "tool_use" && "city" in it.input);
    assert.deepEqual(names.map((it) => it.name).sort(), ["clock", "weather"]);
    assert.equal(streamed.stop_reason, "tool_use");
  });

  test(`${name}: failures have the client's types`, async () => {
    if (name.startsWith("ai")) return;
    const failing = (status) => client.messages.create({ ...request, model: `${model};status=${status}` });
    assert.ok((await rejection(failing(429))) instanceof Anthropic.RateLimitError);
    const broken = await rejection(failing(503));
    assert.ok(broken instanceof Anthropic.InternalServerError, String(broken));
    assert.equal(broken.error.type, "error");
  });

  test(`${name}: counting tokens`, async () => {
    const { input_tokens } = await client.messages.countTokens({ model, messages: user("say hello") });
    assert.ok(input_tokens > 0);
  });
}

const THINKERS = [
  ["native", at(`${CLOSED}/anthropic`), "claude-sonnet-4-5"],
  ["anthropic", compat, "anthropic/claude-sonnet-4-5"],
  ["google-ai-studio", compat, CHAT["google-ai-studio"]],
  ["aws-bedrock", compat, "aws-bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0"],
  ["deepseek", compat, CHAT.deepseek],
];

for (const [name, client, model] of THINKERS) {
  test(`${name}: thoughts, that go back with tools`, async () => {
    const thinking = { type: "enabled", budget_tokens: 2000 };
    const request = { model, max_tokens: 4000, thinking, tools };
    const asked = user(ONE_TOOL);
    const first = await client.messages.create({ ...request, messages: asked });
    assert.ok(first.content[0].type === "thinking" && first.content[0].thinking.length > 0);
    const call = first.content.find((it) => it.type === "tool_use");
    const result = { type: "tool_result", tool_use_id: call.id, content: "sunny" };
    const history = [...asked, { role: "assistant", content: first.content }, ...user([result])];
    const stream = client.messages.stream({ ...request, messages: history });
    let thoughts = "";
    stream.on("thinking", (piece) => {
      thoughts += piece;
    });
    const final = await stream.finalMessage();
    assert.equal(final.stop_reason, "end_turn");
    assert.equal(thoughts, final.content.find((it) => it.type === "thinking")?.thinking ?? "");
    const last = [...history, { role: "assistant", content: final.content }, ...user("again")];
    const end = await client.messages.create({ ...request, messages: last });
    assert.equal(end.stop_reason, "end_turn");
  });
}

for (const name of ["openai", "anthropic", "google-ai-studio", "aws-bedrock"]) {
  const model = name === "anthropic" ? "anthropic/claude-sonnet-4-5" : CHAT[name];
  test(`${name}: an answer of a schema`, async () => {
    const request = { model, max_tokens: 400, messages: user("Jane is 54.") };
    const output_config = { format: zodOutputFormat(Person) };
    const answer = await compat.messages.parse({ ...request, output_config });
    assert.deepEqual(Person.parse(answer.parsed_output), answer.parsed_output);
  });
}

test("models", async () => {
  for (const client of [compat, at(REST)]) {
    const names = [];
    for await (const model of client.models.list()) names.push(model.id);
    assert.ok(names.some((it) => it.startsWith("anthropic/")));
    assert.ok(names.some((it) => it.startsWith("openai/")));
  }
});

test("a model by another name", async () => {
  const request = { max_tokens: 100, messages: user("hi") };
  const answer = await at(RENAMED).messages.create({ ...request, model: "claude-haiku-4-5" });
  assert.match(answer.content[0].text, /gpt-4o-mini/);
});

test("an image, and tool results that failed", async () => {
  const data = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data } };
  for (const name of ["openai", "anthropic", "google-ai-studio", "aws-bedrock"]) {
    const messages = user([image, { type: "text", text: "what is it?" }]);
    const answer = await compat.messages.create({ model: CHAT[name], max_tokens: 100, messages });
    assert.equal(answer.stop_reason, "end_turn", name);
    const call = { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Paris" } };
    const failed = { type: "tool_result", tool_use_id: "toolu_1", is_error: true, content: "no idea" };
    const history = [...user(ONE_TOOL), { role: "assistant", content: [call] }, ...user([failed])];
    const after = await compat.messages.create({ model: CHAT[name], max_tokens: 100, messages: history, tools });
    assert.equal(after.stop_reason, "end_turn", name);
  }
});

test("the gateway's refusals", async () => {
  const request = { max_tokens: 100, messages: user("hi") };
  const wrong = at(COMPAT, { apiKey: "tok-wrong" });
  const nobody = await rejection(wrong.messages.create({ ...request, model: CHAT.openai }));
  assert.ok(nobody instanceof Anthropic.AuthenticationError, String(nobody));
  const unknown = await rejection(compat.messages.create({ ...request, model: "opnai/gpt-4o" }));
  assert.ok(unknown instanceof Anthropic.BadRequestError, String(unknown));
});
