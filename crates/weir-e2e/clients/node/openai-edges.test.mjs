// What applications do besides the plain case, over the dialects that differ most.
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI, { toFile } from "openai";
import { KEY, OPEN, WEATHER, rejection } from "./gateway.mjs";
import { CHAT, COMPAT, ONE_TOOL, TOKEN, TWO_TOOLS } from "./unified.mjs";

const at = (options) => new OpenAI({ apiKey: TOKEN, baseURL: COMPAT, maxRetries: 0, ...options });
const client = at({});
const user = (content) => [{ role: "user", content }];
const tools = ["weather", "clock"].map((name) => ({
  type: "function",
  function: { name, parameters: WEATHER },
}));
const ask = (model, extra) =>
  client.chat.completions.create({ model, messages: user("say hello"), ...extra });
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const NAMES = ["openai", "anthropic", "google-ai-studio", "aws-bedrock", "aws-bedrock nova", "cohere"];

for (const name of NAMES) {
  const model = CHAT[name];

  test(`${name}: limits and stops end an answer`, async () => {
    const short = await ask(model, { max_completion_tokens: 3 });
    assert.equal(short.choices[0].finish_reason, "length");
    const older = await ask(model, { max_tokens: 3 });
    assert.equal(older.choices[0].finish_reason, "length");
    const stopped = await ask(model, { stop: ["answer"] });
    assert.equal(stopped.choices[0].finish_reason, "stop");
    assert.ok(!stopped.choices[0].message.content.includes("answer"));
  });

  test(`${name}: sampling, and system messages`, async () => {
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "developer", content: [{ type: "text", text: "Be kind." }] },
      { role: "user", content: [{ type: "text", text: "say" }, { type: "text", text: "hello" }] },
      { role: "assistant", content: "hello" },
      ...user("again"),
    ];
    const answer = await ask(model, { messages, temperature: 0.5 });
    assert.ok(answer.choices[0].message.content.includes("again"));
  });

  test(`${name}: tools are chosen, forbidden and forced`, async () => {
    const asked = { messages: user(TWO_TOOLS), tools };
    const single = await ask(model, { messages: user(ONE_TOOL), tools, tool_choice: "auto" });
    assert.equal(single.choices[0].message.tool_calls.length, 1);
    const none = await ask(model, { ...asked, tool_choice: "none" });
    assert.equal(none.choices[0].message.tool_calls?.length ?? 0, 0);
    const required = await ask(model, { tools, tool_choice: "required" });
    assert.ok(required.choices[0].message.tool_calls.length > 0);
    if (name === "cohere") return; // It can be told to call a tool, but not which.
    const choice = { type: "function", function: { name: "clock" } };
    const forced = await ask(model, { tools, tool_choice: choice });
    assert.deepEqual(forced.choices[0].message.tool_calls.map((it) => it.function.name), ["clock"]);
  });

  test(`${name}: JSON without a schema`, async () => {
    if (name.startsWith("aws") || name === "anthropic") return; // They know schemas only.
    const messages = user("Say hello as JSON.");
    const answer = await ask(model, { messages, response_format: { type: "json_object" } });
    assert.equal(typeof JSON.parse(answer.choices[0].message.content), "object");
  });

  test(`${name}: a picture`, async () => {
    const image_url = { url: `data:image/png;base64,${PIXEL}` };
    const messages = user([{ type: "text", text: "what is it?" }, { type: "image_url", image_url }]);
    const vision = name === "cohere" ? "cohere/command-a-vision-07-2025" : model;
    const answer = await ask(vision, { messages });
    assert.equal(answer.choices[0].finish_reason, "stop");
  });

  test(`${name}: an error inside a stream is raised`, async () => {
    for (const trouble of ["error-after=3", "cut-after=3", "malformed-after=3"]) {
      const model_ = `${model};words=50;${trouble}`;
      const stream = await ask(model_, { stream: true });
      await rejection(
        (async () => {
          for await (const chunk of stream) assert.ok(chunk.object);
        })(),
      );
    }
  });

  test(`${name}: leaving a stream, and a call that hangs`, async () => {
    const stream = await ask(`${model};words=1000;chunk=20`, { stream: true });
    let chunks = 0;
    for await (const chunk of stream) {
      assert.ok(chunk);
      chunks += 1;
      if (chunks === 5) stream.controller.abort();
    }
    assert.ok(chunks < 1000);
    const hanging = at({ timeout: 200 }).chat.completions.create({ model: `${model};hang`, messages: user("hi") });
    assert.ok((await rejection(hanging)) instanceof OpenAI.APIConnectionTimeoutError);
  });

  test(`${name}: the client's own retries work`, async () => {
    const headers = { "x-sim-key": `edges-${name}-${process.pid}` };
    const request = { model: `${model};fail=1;status=503;retry-after=0`, messages: user("hi") };
    const answer = await at({ maxRetries: 2 }).chat.completions.create(request, { headers });
    assert.equal(answer.object, "chat.completion");
  });

  test(`${name}: the log has what the client saw`, async () => {
    for (const stream of [false, true]) {
      const options = stream ? { stream: true, stream_options: { include_usage: true } } : {};
      const { data, response } = await client.chat.completions
        .create({ model, messages: user("say hello"), ...options })
        .withResponse();
      let usage = data.usage;
      if (stream) for await (const chunk of data) usage = chunk.usage ?? usage;
      const row = await logged(response.headers.get("cf-aig-log-id"));
      assert.equal(row.tokens_in, usage.prompt_tokens);
      assert.equal(row.tokens_out, usage.completion_tokens);
      assert.equal(row.success, true);
      assert.equal(row.provider, model.split("/")[0]);
    }
  });
}

/** A log row, which is written shortly after its answer. */
async function logged(id) {
  const url = `${process.env.GATEWAY_URL}/client/v4/accounts/acc1/ai-gateway/gateways/gw1/logs/${id}`;
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
    if (answer.ok) return (await answer.json()).result;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`no log row ${id}`);
}

test("a key of the client's own, wherever it belongs at the provider", async () => {
  const own = at({ apiKey: KEY, baseURL: `${OPEN}/compat` });
  for (const [name, model] of Object.entries(CHAT)) {
    if (name === "google-vertex-ai") continue; // It takes service accounts only.
    const answer = await own.chat.completions.create({ model, messages: user("hi") });
    assert.equal(answer.object, "chat.completion", name);
    const bad = at({ apiKey: "bad-key", baseURL: `${OPEN}/compat` });
    const error = await rejection(bad.chat.completions.create({ model, messages: user("hi") }));
    assert.ok(error.status >= 400 && error.status < 404, `${name}: ${error}`);
    assert.ok(error instanceof OpenAI.APIError && error.message.length > 10, `${name}: ${error}`);
  }
});

test("effort is understood by those who think", async () => {
  for (const model of [
    "openai/gpt-5-mini",
    "anthropic/claude-sonnet-4-5",
    "anthropic/claude-opus-4-6",
    "google-ai-studio/gemini-2.5-flash",
    "google-ai-studio/gemini-3-pro-preview",
    "aws-bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "cohere/command-a-reasoning-08-2025",
    "deepseek/deepseek-v4",
    "groq/openai/gpt-oss-120b",
    "grok/grok-4.20",
  ]) {
    const answer = await ask(model, { reasoning_effort: "low", max_completion_tokens: 5000, tools });
    assert.equal(answer.choices[0].finish_reason, "stop", model);
    assert.ok(answer.usage.completion_tokens_details?.reasoning_tokens >= 0, model);
  }
});

test("sound, pictures and older completions", async () => {
  const speech = await client.audio.speech.create({ model: "openai/tts-1", voice: "alloy", input: "hi" });
  const sound = Buffer.from(await speech.arrayBuffer());
  assert.ok(sound.length > 44);
  const file = await toFile(sound, "hi.wav");
  for (const model of ["openai/whisper-1", "groq/whisper-large-v3", "mistral/voxtral-mini-latest"]) {
    const { text } = await client.audio.transcriptions.create({ model, file });
    assert.ok(text.length > 0, model);
  }
  const picture = await client.images.generate({ model: "openai/gpt-image-1", prompt: "a cat" });
  assert.ok(picture.data[0].b64_json.length > 0);
  const completion = await client.completions.create({ model: "openai/gpt-3.5-turbo-instruct", prompt: "hi" });
  assert.ok(completion.choices[0].text.length > 0);
});

test("many at once", async () => {
  const all = Object.values(CHAT).flatMap((model) => [model, model, model]);
  const answers = await Promise.all(all.map((model) => ask(model)));
  assert.ok(answers.every((it) => it.choices[0].message.content.includes("hello")));
});

test("what cannot be said in the provider's words is refused with its name", async () => {
  const check = async (model, extra, param) => {
    const error = await rejection(ask(model, extra));
    assert.ok(error instanceof OpenAI.BadRequestError, `${model} ${param}: ${error}`);
    assert.ok(error.param?.startsWith(param), `${model} ${param}: ${error.param}`);
  };
  await check(CHAT.anthropic, { n: 2 }, "n");
  await check(CHAT["aws-bedrock"], { n: 2 }, "n");
  await check(CHAT.cohere, { n: 2 }, "n");
  const file = { type: "file", file: { file_id: "file-1" } };
  await check(CHAT.anthropic, { messages: user([file]) }, "messages");
  const lost = { role: "tool", tool_call_id: "nobody", content: "x" };
  for (const name of ["anthropic", "google-ai-studio", "aws-bedrock"]) {
    await check(CHAT[name], { messages: [...user("hi"), lost] }, "messages");
  }
  await check(CHAT.anthropic, { messages: [] }, "messages");
});
