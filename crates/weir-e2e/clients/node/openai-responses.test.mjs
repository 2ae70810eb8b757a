// The Responses API of OpenAI's client, with models of those who have none of their own, too.
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { WEATHER, rejection } from "./gateway.mjs";
import { CHAT, COMPAT, ONE_TOOL, THREE, TOKEN, TWO_TOOLS } from "./unified.mjs";

const client = new OpenAI({ apiKey: TOKEN, baseURL: COMPAT, maxRetries: 0 });
const parameters = { ...WEATHER, additionalProperties: false };
const tools = ["weather", "clock"].map((name) => ({ type: "function", name, parameters, strict: true }));
const Person = z.object({ name: z.string(), age: z.number().int() });
const MODELS = [...THREE, "aws-bedrock", "cohere", "mistral", "workers-ai", "groq"];

for (const name of MODELS) {
  const model = CHAT[name];

  test(`${name}: a response, whole and as a stream`, async () => {
    const request = { model, instructions: "Be brief.", input: "say hello" };
    const whole = await client.responses.create(request);
    assert.equal(whole.object, "response");
    assert.equal(whole.status, "completed");
    assert.ok(whole.output_text.includes("hello"));
    const { input_tokens, output_tokens, total_tokens } = whole.usage;
    assert.ok(input_tokens > 0 && total_tokens === input_tokens + output_tokens);
    const events = [];
    for await (const event of client.responses.stream(request)) events.push(event);
    assert.equal(events[0].type, "response.created");
    const last = events.at(-1);
    assert.equal(last.type, "response.completed");
    assert.equal(last.response.usage.total_tokens, total_tokens);
    assert.deepEqual(events.map((it) => it.sequence_number), events.map((_, at) => at));
    const pieces = events.filter((it) => it.type === "response.output_text.delta");
    assert.equal(pieces.map((it) => it.delta).join(""), whole.output_text);
  });

  test(`${name}: tools, one after the other and together`, async () => {
    const input = [{ role: "user", content: ONE_TOOL }];
    const first = await client.responses.create({ model, input, tools });
    const call = first.output.find((it) => it.type === "function_call");
    assert.equal(call.name, "weather");
    assert.ok("city" in JSON.parse(call.arguments));
    const result = { type: "function_call_output", call_id: call.call_id, output: "sunny" };
    const history = [...input, ...first.output, result];
    const second = await client.responses.create({ model, input: history, tools });
    assert.ok(second.output_text.length > 0);
    const third = [...history, ...second.output, { role: "user", content: TWO_TOOLS }];
    const both = await client.responses.create({ model, input: third, tools });
    const calls = both.output.filter((it) => it.type === "function_call");
    assert.deepEqual(calls.map((it) => it.name).sort(), ["clock", "weather"]);
  });

  test(`${name}: tools as a stream`, async () => {
    const stream = client.responses.stream({ model, input: TWO_TOOLS, tools });
    const finished = [];
    stream.on("response.function_call_arguments.done", (event) => finished.push(event.arguments));
    const final = await stream.finalResponse();
    const calls = final.output.filter((it) => it.type === "function_call");
    assert.deepEqual(calls.map((it) => it.name).sort(), ["clock", "weather"]);
    assert.deepEqual(finished, calls.map((it) => it.arguments));
  });

  test(`${name}: an answer of a schema`, async () => {
    const request = { model, input: "Jane is 54.", text: { format: zodTextFormat(Person, "person") } };
    const answer = await client.responses.parse(request);
    assert.deepEqual(Person.parse(answer.output_parsed), answer.output_parsed);
    const streamed = await client.responses.stream(request).finalResponse();
    assert.deepEqual(streamed.output_parsed, answer.output_parsed);
  });

  test(`${name}: failures have the client's types`, async () => {
    const failing = (status) => client.responses.create({ model: `${model};status=${status}`, input: "hi" });
    assert.ok((await rejection(failing(429))) instanceof OpenAI.RateLimitError);
    assert.ok((await rejection(failing(503))) instanceof OpenAI.InternalServerError);
  });
}

test("thoughts are items of their own", async () => {
  for (const name of ["anthropic", "google-ai-studio"]) {
    const model = name === "anthropic" ? "anthropic/claude-sonnet-4-5" : CHAT[name];
    const request = { model, input: "say hello", reasoning: { effort: "medium", summary: "auto" } };
    const answer = await client.responses.create(request);
    assert.ok(answer.output.some((it) => it.type === "reasoning"), name);
    assert.ok(answer.usage.output_tokens_details.reasoning_tokens >= 0);
    // What was thought can go back with the next turn.
    const input = [{ role: "user", content: "say hello" }, ...answer.output, { role: "user", content: "again" }];
    const next = await client.responses.create({ ...request, input });
    assert.equal(next.status, "completed");
  }
});

test("what needs the memory of OpenAI is refused elsewhere", async () => {
  const request = { model: CHAT.anthropic, input: "hi", previous_response_id: "resp_1" };
  const error = await rejection(client.responses.create(request));
  assert.ok(error instanceof OpenAI.BadRequestError, String(error));
});
