// What agents do with Anthropic's client, over the models of others.
import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { CLOSED, KEY, OPEN, WEATHER, rejection } from "./gateway.mjs";
import { CHAT, COMPAT, ONE_TOOL, TOKEN, TWO_TOOLS } from "./unified.mjs";

const at = (options) => new Anthropic({ apiKey: TOKEN, baseURL: COMPAT, maxRetries: 0, ...options });
const client = at({});
const user = (content) => [{ role: "user", content }];
const tools = ["weather", "clock"].map((name) => ({ name, input_schema: WEATHER }));
const ephemeral = { type: "ephemeral" };
const NAMES = ["openai", "anthropic", "google-ai-studio", "aws-bedrock", "aws-bedrock nova", "cohere", "mistral"];

for (const name of NAMES) {
  const model = CHAT[name];
  const ask = (extra) =>
    client.messages.create({ model, max_tokens: 300, messages: user("say hello"), ...extra });

  test(`${name}: as a coding agent calls`, async () => {
    const system = [
      { type: "text", text: "You write code." },
      { type: "text", text: "Be brief.", cache_control: ephemeral },
    ];
    const messages = [
      { role: "user", content: [{ type: "text", text: "<context>" }, { type: "text", text: ONE_TOOL, cache_control: ephemeral }] },
    ];
    const metadata = { user_id: "user-1" };
    const agent = [{ ...tools[0], description: "The weather" }, { ...tools[1], cache_control: ephemeral }];
    const request = { model, max_tokens: 300, system, messages, metadata, tools: agent };
    const betas = ["interleaved-thinking-2025-05-14"];
    const stream = client.beta.messages.stream({ ...request, betas });
    const final = await stream.finalMessage();
    assert.equal(final.stop_reason, "tool_use");
    const call = final.content.find((it) => it.type === "tool_use");
    const content = [{ type: "text", text: "sunny" }, { type: "text", text: "and warm" }];
    const result = { type: "tool_result", tool_use_id: call.id, content, cache_control: ephemeral };
    const history = [
      ...messages,
      { role: "assistant", content: final.content },
      { role: "user", content: [result, { type: "text", text: "go on" }] },
    ];
    const next = await client.beta.messages.create({ ...request, messages: history, betas });
    assert.equal(next.stop_reason, "end_turn");
  });

  test(`${name}: limits, stops and choices`, async () => {
    const short = await ask({ max_tokens: 3 });
    assert.equal(short.stop_reason, "max_tokens");
    const stopped = await ask({ stop_sequences: ["answer"] });
    assert.ok(["stop_sequence", "end_turn"].includes(stopped.stop_reason));
    assert.ok(!stopped.content[0].text.includes("answer"));
    const any = await ask({ tools, tool_choice: { type: "any" } });
    assert.equal(any.stop_reason, "tool_use");
    const none = await ask({ tools, messages: user(TWO_TOOLS), tool_choice: { type: "none" } });
    assert.equal(none.stop_reason, "end_turn");
    if (name === "cohere") return; // It can be told to call a tool, but not which.
    const forced = await ask({ tools, tool_choice: { type: "tool", name: "clock" } });
    assert.deepEqual(forced.content.filter((it) => it.type === "tool_use").map((it) => it.name), ["clock"]);
  });

  test(`${name}: an error inside a stream is raised`, async () => {
    // Anthropic's own stream passes as it is, and its client passes over what it cannot read.
    const bent = name === "anthropic" ? "error-after=4" : "malformed-after=3";
    for (const trouble of ["error-after=3", "cut-after=3", bent]) {
      const stream = client.messages.stream({
        model: `${model};words=50;${trouble}`,
        max_tokens: 300,
        messages: user("hi"),
      });
      const error = await rejection(stream.finalMessage());
      assert.ok(error instanceof Error, trouble);
    }
  });

  test(`${name}: overload is an error that clients wait for`, async () => {
    const headers = { "x-sim-key": `anthropic-edges-${name}-${process.pid}` };
    const request = { model: `${model};fail=1;status=503;retry-after=0`, max_tokens: 50, messages: user("hi") };
    const answer = await at({ maxRetries: 2 }).messages.create(request, { headers });
    assert.equal(answer.type, "message");
  });
}

test("a key of the client's own, as key and as bearer", async () => {
  for (const options of [{ apiKey: KEY }, { apiKey: null, authToken: KEY }]) {
    const own = at({ ...options, baseURL: `${OPEN}/compat` });
    for (const name of NAMES) {
      const request = { model: CHAT[name], max_tokens: 50, messages: user("hi") };
      assert.equal((await own.messages.create(request)).type, "message", name);
    }
  }
});

test("the tools that the client runs itself", async () => {
  const { betaTool } = await import("@anthropic-ai/sdk/helpers/beta/json-schema");
  // The client asks the server to hold the conversation, and goes on without when nobody does.
  for (const name of ["openai", "google-ai-studio", "aws-bedrock"]) {
    const called = [];
    const run = async ({ city }) => {
      called.push(city);
      return "sunny";
    };
    const weather = betaTool({ name: "weather", description: "d", inputSchema: WEATHER, run });
    const request = { model: CHAT[name], max_tokens: 300, messages: user(ONE_TOOL), tools: [weather] };
    const final = await client.beta.messages.toolRunner(request);
    assert.equal(called.length, 1, name);
    assert.equal(final.stop_reason, "end_turn");
  }
});

test("tools of Anthropic's servers are refused elsewhere", async () => {
  const search = [{ type: "web_search_20250305", name: "web_search" }];
  const request = { model: CHAT.openai, max_tokens: 50, messages: user("hi"), tools: search };
  const error = await rejection(client.messages.create(request));
  assert.ok(error instanceof Anthropic.BadRequestError, String(error));
  assert.equal(error.error.error.type, "invalid_request_error");
});

test("a document", async () => {
  const data = Buffer.from("%PDF-1.4\n%%EOF").toString("base64");
  const source = { type: "base64", media_type: "application/pdf", data };
  for (const name of ["openai", "anthropic", "google-ai-studio", "aws-bedrock"]) {
    const messages = user([{ type: "document", source }, { type: "text", text: "what is it?" }]);
    const answer = await client.messages.create({ model: CHAT[name], max_tokens: 50, messages });
    assert.equal(answer.type, "message", name);
  }
});

test("the native path takes everything as it is", async () => {
  const native = at({ baseURL: `${CLOSED}/anthropic` });
  const request = { model: "claude-sonnet-4-5", max_tokens: 50, messages: user("hi") };
  const answer = await native.beta.messages.create({ ...request, betas: ["x-2025-01-01"] });
  assert.equal(answer.type, "message");
  assert.ok((await native.models.list()).data.length > 0);
});
