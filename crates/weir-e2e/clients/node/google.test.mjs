// Google's client: at its own provider's path, and at the unified endpoint with models of others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, FunctionCallingConfigMode, GoogleGenAI, Type } from "@google/genai";
import { CLOSED, WEATHER, rejection } from "./gateway.mjs";
import { CHAT, COMPAT, EMBED, ONE_TOOL, RENAMED, TOKEN, TWO_TOOLS } from "./unified.mjs";

const at = (baseUrl, apiKey = TOKEN) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl } });
const native = at(`${CLOSED}/google-ai-studio`);
const compat = at(COMPAT);
const declarations = [
  { name: "weather", description: "The weather of a city", parametersJsonSchema: WEATHER },
  {
    name: "clock",
    description: "The time in a city",
    parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ["city"] },
  },
];
const tools = [{ functionDeclarations: declarations }];
const schema = {
  type: Type.OBJECT,
  properties: { name: { type: Type.STRING }, age: { type: Type.INTEGER } },
  required: ["name", "age"],
};

const PLACES = [
  ["native", native, "gemini-2.5-flash"],
  ["native, 3", native, "gemini-3-pro-preview"],
  ["compat, bare", compat, "gemini-2.5-flash"],
  ...["google-ai-studio", "openai", "anthropic", "aws-bedrock", "cohere", "mistral"].map((name) => [
    `compat: ${name}`,
    compat,
    CHAT[name],
  ]),
];

for (const [name, client, model] of PLACES) {
  test(`${name}: content, whole and as a stream`, async () => {
    const config = { systemInstruction: "Be brief.", temperature: 0.5, maxOutputTokens: 500 };
    const request = { model, contents: "say hello", config };
    const whole = await client.models.generateContent(request);
    assert.ok(whole.text.includes("hello"));
    assert.equal(whole.candidates[0].finishReason, "STOP");
    const { promptTokenCount, candidatesTokenCount, totalTokenCount } = whole.usageMetadata;
    assert.ok(promptTokenCount > 0 && candidatesTokenCount > 0);
    assert.ok(totalTokenCount >= promptTokenCount + candidatesTokenCount);
    let text = "";
    let last;
    for await (const chunk of await client.models.generateContentStream(request)) {
      text += chunk.text ?? "";
      last = chunk;
    }
    assert.equal(text, whole.text);
    assert.equal(last.candidates[0].finishReason, "STOP");
    assert.equal(last.usageMetadata.totalTokenCount, totalTokenCount);
  });

  test(`${name}: functions, one after the other, together and as a stream`, async () => {
    const ask = (contents) => client.models.generateContent({ model, contents, config: { tools } });
    const asked = [{ role: "user", parts: [{ text: ONE_TOOL }] }];
    const first = await ask(asked);
    const [call] = first.functionCalls;
    assert.equal(call.name, "weather");
    assert.ok("city" in call.args);
    const answer = ({ id, name }) => ({ functionResponse: { id, name, response: { output: "sunny" } } });
    const history = [...asked, first.candidates[0].content, { role: "user", parts: [answer(call)] }];
    const second = await ask(history);
    assert.ok(second.text.length > 0);
    const more = { role: "user", parts: [{ text: TWO_TOOLS }] };
    const third = [...history, second.candidates[0].content, more];
    const both = await ask(third);
    assert.deepEqual(both.functionCalls.map((it) => it.name).sort(), ["clock", "weather"]);
    const parts = both.functionCalls.map(answer);
    const end = await ask([...third, both.candidates[0].content, { role: "user", parts }]);
    assert.ok(end.text.length > 0);
    const calls = [];
    const streamed = { model, contents: TWO_TOOLS, config: { tools } };
    for await (const chunk of await client.models.generateContentStream(streamed)) {
      calls.push(...(chunk.functionCalls ?? []));
    }
    assert.deepEqual(calls.map((it) => it.name).sort(), ["clock", "weather"]);
    assert.ok(calls.every((it) => "city" in it.args));
  });

  test(`${name}: an answer of a schema`, async () => {
    const config = { responseMimeType: "application/json", responseSchema: schema };
    const { text } = await client.models.generateContent({ model, contents: "Jane is 54.", config });
    const { name, age } = JSON.parse(text);
    assert.ok(typeof name === "string" && Number.isInteger(age));
  });

  test(`${name}: counting tokens`, async () => {
    const { totalTokens } = await client.models.countTokens({ model, contents: "say hello" });
    assert.ok(totalTokens > 0);
  });

  test(`${name}: failures have the client's type`, async () => {
    for (const status of [400, 429, 503]) {
      const request = { model: `${model};status=${status}`, contents: "hi" };
      const error = await rejection(client.models.generateContent(request));
      assert.ok(error instanceof ApiError, String(error));
      assert.equal(error.status, status);
    }
  });
}

test("a forced function", async () => {
  const functionCallingConfig = { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ["clock"] };
  const config = { tools, toolConfig: { functionCallingConfig } };
  for (const name of ["google-ai-studio", "openai", "anthropic"]) {
    const answer = await compat.models.generateContent({ model: CHAT[name], contents: "hi", config });
    assert.deepEqual(answer.functionCalls.map((it) => it.name), ["clock"], name);
  }
});

test("a conversation, with thoughts", async () => {
  const thinkingConfig = { includeThoughts: true, thinkingBudget: 2000 };
  for (const model of ["google-ai-studio/gemini-2.5-flash", "anthropic/claude-sonnet-4-5"]) {
    const chat = compat.chats.create({ model, config: { thinkingConfig, maxOutputTokens: 4000 } });
    const first = await chat.sendMessage({ message: "say hello" });
    assert.ok(first.candidates[0].content.parts.some((it) => it.thought), model);
    let text = "";
    for await (const chunk of await chat.sendMessageStream({ message: "again" })) text += chunk.text ?? "";
    assert.ok(text.length > 0);
  }
});

test("vectors", async () => {
  const places = [[native, "gemini-embedding-001"], ...Object.values(EMBED).map((it) => [compat, it])];
  for (const [client, model] of places) {
    const { embeddings } = await client.models.embedContent({ model, contents: ["one", "two"] });
    assert.equal(embeddings.length, 2, model);
    assert.ok(embeddings[0].values.every(Number.isFinite));
    assert.notDeepEqual(embeddings[0].values, embeddings[1].values);
  }
});

test("models", async () => {
  for (const client of [native, compat]) {
    const names = [];
    for await (const model of await client.models.list()) names.push(model.name);
    assert.ok(names.length > 0);
  }
});

test("a model by another name", async () => {
  const answer = await at(RENAMED).models.generateContent({ model: "house-model", contents: "hi" });
  assert.match(answer.text, /gemini-2.5-flash/);
});

test("a wrong token", async () => {
  const wrong = at(COMPAT, "tok-wrong");
  const error = await rejection(wrong.models.generateContent({ model: CHAT.openai, contents: "hi" }));
  assert.ok(error instanceof ApiError, String(error));
  assert.equal(error.status, 401);
});
