// Cloudflare's package asks for fallbacks, tries and caching with options; what it does with the
// answers is its error contract.
import assert from "node:assert/strict";
import { test } from "node:test";
import { generateText, streamText } from "ai";
import { AiGatewayDoesNotExist, AiGatewayUnauthorizedError, createAiGateway } from "ai-gateway-provider";
import { createAnthropic } from "ai-gateway-provider/providers/anthropic";
import { createOpenAI } from "ai-gateway-provider/providers/openai";
import { createBinding } from "../ai-gateway-binding/src/index.js";
import { account_id, all, client, until } from "./cloudflare.mjs";
import { KEY, TOKEN, rejection } from "./gateway.mjs";

const baseURL = process.env.GATEWAY_URL;
const connect = (options, settings) =>
  createAiGateway({
    binding: createBinding({ baseURL, account: "acc1", gateway: "gw1", apiKey: TOKEN, ...settings }),
    options,
  });
const openai = createOpenAI({ apiKey: KEY });
const anthropic = createAnthropic({ apiKey: KEY });
const say = (model, prompt) => generateText({ model, prompt, maxRetries: 0 });

/** The rows of an event, once there are so many: the first step's first. */
const rows = (event, count) =>
  until(`${count} rows of ${event}`, async () => {
    const found = await all(client.aiGateway.logs.list("gw1", { account_id, per_page: 50 }));
    const own = found.filter((row) => row.event_id === event);
    return own.length >= count && own.sort((one, other) => one.step - other.step);
  });

/** A name that nothing else in the log has. */
const unique = () => `event-${Math.random().toString(36).slice(2)}`;

test("the first of three models that works answers, whole and as a stream", async () => {
  const models = [openai.chat("m1;status=503"), anthropic("m2;status=529"), openai.chat("gpt-4o-mini")];
  for (const ask of [say, (model, prompt) => streamText({ model, prompt, maxRetries: 0 })]) {
    const eventId = unique();
    const answer = await ask(connect({ eventId, metadata: { team: "a" } })(models), "say hello");
    assert.match(await answer.text, /gpt-4o-mini/);
    const found = await rows(eventId, 3);
    assert.deepEqual(found.map((row) => [row.step, row.status_code]), [[0, 503], [1, 529], [2, 200]]);
  }
});

test("when all fail the last failure is what the caller hears", async () => {
  const models = [openai.chat("m1;status=503"), openai.chat("m2;status=418")];
  const error = await rejection(say(connect()(models), "say hello"));
  assert.match(`${error} ${error.statusCode ?? ""} ${error.responseBody ?? ""}`, /418|simulat/i);
});

test("options of tries are followed", async () => {
  const retries = { maxAttempts: 3, retryDelayMs: 1, backoff: "constant" };
  // Failures are counted by the model's name as it is written.
  const failing = () => openai.chat(`gpt-4o-mini;status=500;words=${1 + Math.floor(Math.random() * 1e4)};fail=2`);
  assert.ok(await rejection(say(connect({ retries: { maxAttempts: 1 } })(failing()), "say hello")));
  assert.ok((await say(connect({ retries })(failing()), "say hello")).text.length > 0);
});

test("a model that says nothing in time is followed by the next", async () => {
  const model = connect({ requestTimeoutMs: 300 })([openai.chat("m1;hang"), openai.chat("gpt-4o-mini")]);
  assert.match((await say(model, "say hello")).text, /gpt-4o-mini/);
});

test("answers are kept for as long as the options say", async () => {
  const prompt = `say ${unique()}`;
  const key = unique();
  const first = await say(connect({ cacheTtl: 300, cacheKey: key })(openai.chat("gpt-4o-mini")), prompt);
  const other = await say(connect({ cacheTtl: 300, cacheKey: key })(openai.chat("gpt-4o-mini")), "another");
  assert.equal(other.text, first.text);
  const skipped = await say(
    connect({ cacheTtl: 300, cacheKey: key, skipCache: true })(openai.chat("gpt-4o-mini")),
    "another",
  );
  assert.notEqual(skipped.text, first.text);
  const cached = await until("a cached row", async () => {
    const found = await all(client.aiGateway.logs.list("gw1", { account_id, cached: true }));
    return found.length > 0 && found;
  });
  assert.ok(cached.every((row) => row.cached && row.cost === 0 && row.tokens_in === 0));
});

test("a gateway that is not there and a wrong token have errors of their own", async () => {
  const models = [openai.chat("gpt-4o-mini"), anthropic("claude-simulated")];
  const causes = (error) => (error ? [error, ...causes(error.cause ?? error.lastError)] : []);
  for (const [settings, kind] of [
    [{ gateway: "nowhere" }, AiGatewayDoesNotExist],
    [{ apiKey: "tok-wrong" }, AiGatewayUnauthorizedError],
  ]) {
    const error = await rejection(say(connect({}, settings)(models), "hi"));
    assert.ok(causes(error).some((cause) => cause instanceof kind), `${kind.name}: ${error}`);
  }
});
