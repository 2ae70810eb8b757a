// Amazon's client: it signs for Weir's host with keys that mean nothing, and Weir signs anew with
// the stored ones. The simulator checks that signature.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  ThrottlingException,
  ValidationException,
} from "@aws-sdk/client-bedrock-runtime";
import { CLOSED, WEATHER, rejection } from "./gateway.mjs";
import { ONE_TOOL, TOKEN, TWO_TOOLS } from "./unified.mjs";

const client = new BedrockRuntimeClient({
  region: "us-east-1",
  endpoint: `${CLOSED}/aws-bedrock/bedrock-runtime/us-east-1`,
  credentials: { accessKeyId: "AKIADUMMY", secretAccessKey: "dummy" },
  maxAttempts: 1,
});
client.middlewareStack.add(
  (next) => (call) => {
    call.request.headers["cf-aig-authorization"] = `Bearer ${TOKEN}`;
    return next(call);
  },
  { step: "build" },
);

const MODELS = {
  claude: "us.anthropic.claude-haiku-4-5-20251001-v1:0",
  nova: "amazon.nova-lite-v1:0",
  profile: "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0",
};
const user = (content) => ({ role: "user", content });
const text = (text) => [{ text }];
const toolConfig = {
  tools: ["weather", "clock"].map((name) => ({ toolSpec: { name, inputSchema: { json: WEATHER } } })),
};

for (const [name, modelId] of Object.entries(MODELS)) {
  test(`${name}: a conversation, whole and as a stream`, async () => {
    const request = { modelId, messages: [user(text("say hello"))], system: text("Be brief.") };
    const whole = await client.send(new ConverseCommand(request));
    assert.equal(whole.stopReason, "end_turn");
    const said = whole.output.message.content.find((it) => it.text).text;
    assert.ok(said.includes("hello"));
    const { stream } = await client.send(new ConverseStreamCommand(request));
    let streamed = "";
    let usage;
    for await (const event of stream) {
      streamed += event.contentBlockDelta?.delta?.text ?? "";
      usage = event.metadata?.usage ?? usage;
    }
    assert.equal(streamed, said);
    assert.equal(usage.totalTokens, whole.usage.totalTokens);
  });

  test(`${name}: tools`, async () => {
    const ask = async (messages) =>
      (await client.send(new ConverseCommand({ modelId, messages, toolConfig }))).output.message;
    const asked = [user(text(ONE_TOOL))];
    const first = await ask(asked);
    const call = first.content.find((it) => it.toolUse).toolUse;
    assert.ok("city" in call.input);
    const result = { toolUseId: call.toolUseId, content: text("sunny") };
    const second = await ask([...asked, first, user([{ toolResult: result }])]);
    assert.ok(second.content.some((it) => it.text));
    const request = { modelId, messages: [user(text(TWO_TOOLS))], toolConfig };
    const { stream } = await client.send(new ConverseStreamCommand(request));
    const names = [];
    for await (const event of stream) names.push(event.contentBlockStart?.start?.toolUse?.name);
    assert.deepEqual(names.filter(Boolean).sort(), ["clock", "weather"]);
  });
}

test("a model's own body, whole and as a stream", async () => {
  const body = JSON.stringify({
    anthropic_version: "bedrock-2023-05-31",
    max_tokens: 200,
    messages: [{ role: "user", content: "say hello" }],
  });
  const request = { modelId: MODELS.claude, contentType: "application/json", body };
  const answer = await client.send(new InvokeModelCommand(request));
  const message = JSON.parse(new TextDecoder().decode(answer.body));
  assert.ok(message.content[0].text.includes("hello"));
  const stream = await client.send(new InvokeModelWithResponseStreamCommand(request));
  let streamed = "";
  for await (const event of stream.body) {
    const part = JSON.parse(new TextDecoder().decode(event.chunk.bytes));
    streamed += part.delta?.text ?? "";
  }
  assert.equal(streamed, message.content[0].text);
});

test("vectors", async () => {
  const modelId = "amazon.titan-embed-text-v2:0";
  const body = JSON.stringify({ inputText: "one" });
  const answer = await client.send(new InvokeModelCommand({ modelId, body }));
  assert.ok(JSON.parse(new TextDecoder().decode(answer.body)).embedding.length > 1);
});

test("failures have the client's types", async () => {
  const failing = (status) =>
    client.send(
      new ConverseCommand({ modelId: `${MODELS.nova};status=${status}`, messages: [user(text("hi"))] }),
    );
  assert.ok((await rejection(failing(429))) instanceof ThrottlingException);
  assert.ok((await rejection(failing(400))) instanceof ValidationException);
});
