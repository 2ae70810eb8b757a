// OpenAI's client at the unified endpoint, with models of everybody.
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { zodFunction, zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import { rejection } from "./gateway.mjs";
import {
  CHAT, COMPAT, EMBED, ONE_TOOL, RENAMED, SCHEMALESS, TOKEN, TOOLLESS, TWO_TOOLS,
} from "./unified.mjs";

const at = (baseURL, apiKey = TOKEN) => new OpenAI({ apiKey, baseURL, maxRetries: 0 });
const client = at(COMPAT);
const user = (content) => [{ role: "user", content }];
const place = z.object({ city: z.string() });
const tools = ["weather", "clock"].map((name) => zodFunction({ name, parameters: place }));
const Person = z.object({ name: z.string(), age: z.number().int(), tags: z.array(z.string()) });

for (const [name, model] of Object.entries(CHAT)) {
  test(`${name}: chat, whole and as a stream`, async () => {
    const request = { model, messages: user("say hello") };
    const { data: whole, response } = await client.chat.completions.create(request).withResponse();
    assert.equal(whole.object, "chat.completion");
    assert.equal(whole.choices[0].finish_reason, "stop");
    assert.ok(whole.choices[0].message.content.includes("hello"));
    assert.match(response.headers.get("cf-aig-log-id"), /^[0-9a-f-]{36}$/);
    const { prompt_tokens, completion_tokens, total_tokens } = whole.usage;
    assert.ok(prompt_tokens > 0 && completion_tokens > 0);
    assert.equal(total_tokens, prompt_tokens + completion_tokens);
    const options = { stream: true, stream_options: { include_usage: true } };
    const stream = await client.chat.completions.create({ ...request, ...options });
    let text = "";
    let usage;
    let finish;
    for await (const chunk of stream) {
      assert.equal(chunk.object, "chat.completion.chunk");
      text += chunk.choices[0]?.delta?.content ?? "";
      finish = chunk.choices[0]?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, whole.choices[0].message.content);
    assert.equal(finish, "stop");
    assert.equal(usage.total_tokens, total_tokens);
  });

  test(`${name}: tools, one after the other and together`, async () => {
    if (TOOLLESS.includes(name)) {
      const request = { model, messages: user(ONE_TOOL), tools };
      const error = await rejection(client.chat.completions.create(request));
      assert.ok(error instanceof OpenAI.BadRequestError, String(error));
      assert.equal(error.param, "tools");
      return;
    }
    const asked = user(ONE_TOOL);
    const first = await client.chat.completions.create({ model, messages: asked, tools });
    assert.equal(first.choices[0].finish_reason, "tool_calls");
    const [call] = first.choices[0].message.tool_calls;
    assert.equal(call.function.name, "weather");
    assert.ok("city" in JSON.parse(call.function.arguments));
    const result = { role: "tool", tool_call_id: call.id, content: "sunny" };
    const history = [...asked, first.choices[0].message, result];
    const second = await client.chat.completions.create({ model, messages: history, tools });
    assert.equal(second.choices[0].finish_reason, "stop");
    const third = [...history, second.choices[0].message, ...user(TWO_TOOLS)];
    const both = await client.chat.completions.create({ model, messages: third, tools });
    const calls = both.choices[0].message.tool_calls;
    assert.deepEqual(calls.map((it) => it.function.name).sort(), ["clock", "weather"]);
    assert.notEqual(calls[0].id, calls[1].id);
    const results = calls.map((it) => ({ role: "tool", tool_call_id: it.id, content: "fine" }));
    const last = [...third, both.choices[0].message, ...results];
    const end = await client.chat.completions.create({ model, messages: last, tools });
    assert.ok(end.choices[0].message.content.length > 0);
  });

  test(`${name}: tools as a stream`, { skip: TOOLLESS.includes(name) }, async () => {
    const request = { model, messages: user(TWO_TOOLS), tools };
    const stream = client.chat.completions.stream(request);
    const final = await stream.finalChatCompletion();
    assert.equal(final.choices[0].finish_reason, "tool_calls");
    const calls = final.choices[0].message.tool_calls;
    assert.deepEqual(calls.map((it) => it.function.name).sort(), ["clock", "weather"]);
    assert.ok(calls.every((it) => "city" in it.function.parsed_arguments));
  });

  test(`${name}: an answer of a schema`, { skip: SCHEMALESS.includes(name) }, async () => {
    const response_format = zodResponseFormat(Person, "person");
    const messages = user("Jane is 54. Describe her.");
    const request = { model, messages, response_format };
    const answer = await client.chat.completions.parse(request);
    assert.deepEqual(Person.parse(answer.choices[0].message.parsed), answer.choices[0].message.parsed);
    const streamed = await client.chat.completions.stream(request).finalChatCompletion();
    assert.deepEqual(streamed.choices[0].message.parsed, answer.choices[0].message.parsed);
  });

  test(`${name}: failures have the client's types`, async () => {
    const failing = (status) =>
      client.chat.completions.create({ model: `${model};status=${status}`, messages: user("hi") });
    const limited = await rejection(failing(429));
    assert.ok(limited instanceof OpenAI.RateLimitError, String(limited));
    const broken = await rejection(failing(500));
    assert.ok(broken instanceof OpenAI.InternalServerError, String(broken));
    assert.ok(broken.message.length > 0);
  });
}

for (const [name, model] of Object.entries(EMBED)) {
  test(`${name}: vectors`, async () => {
    const { data, usage } = await client.embeddings.create({ model, input: ["one", "two"] });
    assert.deepEqual(data.map((it) => it.index), [0, 1]);
    assert.ok(data[0].embedding.length > 1 && data[0].embedding.every(Number.isFinite));
    assert.notDeepEqual(data[0].embedding, data[1].embedding);
    assert.ok(usage.prompt_tokens > 0);
    const floats = { model, input: ["one"], encoding_format: "float" };
    const plain = await client.embeddings.create(floats);
    const difference = plain.data[0].embedding[0] - data[0].embedding[0];
    assert.ok(Math.abs(difference) < 1e-6);
  });
}

test("a schema where there are none is a mark, and JSON", async () => {
  const response_format = zodResponseFormat(Person, "person");
  const request = { model: CHAT.deepseek, messages: user("Jane is 54."), response_format };
  const { data, response } = await client.chat.completions.create(request).withResponse();
  assert.equal(response.headers.get("cf-aig-dropped-params"), "response_format");
  assert.equal(typeof JSON.parse(data.choices[0].message.content), "object");
});

test("a model that takes one text a call", async () => {
  const model = "aws-bedrock/amazon.titan-embed-text-v2:0";
  const { data, usage } = await client.embeddings.create({ model, input: "one" });
  assert.ok(data[0].embedding.length > 1 && usage.prompt_tokens > 0);
  const error = await rejection(client.embeddings.create({ model, input: ["one", "two"] }));
  assert.equal(error.param, "input");
});

test("models", async () => {
  const { data } = await client.models.list();
  for (const name of ["openai/", "anthropic/", "google-ai-studio/", "groq/"]) {
    assert.ok(data.some((it) => it.id.startsWith(name)), name);
  }
});

test("what Anthropic counts and what OpenAI's client sees agree", async () => {
  const usage = "in=1000;cached=600;out=20;reasoning=8";
  const messages = user("hi");
  for (const name of ["openai", "google-ai-studio"]) {
    const model = `${CHAT[name]};${usage}`;
    const answer = await client.chat.completions.create({ model, messages });
    assert.equal(answer.usage.prompt_tokens, 1000, name);
    assert.equal(answer.usage.prompt_tokens_details.cached_tokens, 600, name);
    assert.equal(answer.usage.completion_tokens, 20, name);
    assert.equal(answer.usage.completion_tokens_details.reasoning_tokens, 8, name);
  }
  const model = `${CHAT.anthropic};in=1000;cached=600;out=20`;
  const answer = await client.chat.completions.create({ model, messages });
  assert.equal(answer.usage.prompt_tokens, 1000);
  assert.equal(answer.usage.prompt_tokens_details.cached_tokens, 600);
});

test("a model by another name", async () => {
  const renamed = at(RENAMED);
  const answer = await renamed.chat.completions.create({ model: "house-model", messages: user("hi") });
  assert.equal(answer.model, "gemini-2.5-flash");
});

test("the gateway's refusals", async () => {
  const messages = user("hi");
  const nobody = await rejection(at(COMPAT, "tok-wrong").chat.completions.create({ model: CHAT.openai, messages }));
  assert.ok(nobody instanceof OpenAI.AuthenticationError, String(nobody));
  const unknown = await rejection(client.chat.completions.create({ model: "opnai/gpt-4o", messages }));
  assert.ok(unknown instanceof OpenAI.BadRequestError, String(unknown));
  const request = { model: CHAT.anthropic, messages, n: 2 };
  const unsupported = await rejection(client.chat.completions.create(request));
  assert.ok(unsupported instanceof OpenAI.BadRequestError, String(unsupported));
  assert.equal(unsupported.param, "n");
});
