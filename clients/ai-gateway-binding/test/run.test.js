import assert from "node:assert/strict";
import { test } from "node:test";

import { RunError, createBinding } from "../src/index.js";
import { serve } from "./server.js";

const MODEL = "@cf/meta/llama-3.1-8b-instruct";
const EVENTS = { "content-type": "text/event-stream" };

async function start(t, ...answers) {
	const weir = await serve(...answers);
	t.after(weir.close);
	const { baseURL, requests } = weir;
	const binding = createBinding({ baseURL, account: "acc", gateway: "gw", apiKey: "token" });
	return { binding, requests };
}

function enveloped(result) {
	return { body: { result, success: true, errors: [], messages: [] } };
}

test("a model of Workers AI gives its bare result", async (t) => {
	const { binding, requests } = await start(t, enveloped({ response: "hi" }));
	const got = await binding.run(MODEL, { prompt: "p" }, {
		gateway: { id: "other", skipCache: true },
		extraHeaders: { "x-session-affinity": "s", authorization: "Bearer mine" },
		signal: new AbortController().signal,
		tag: "x y",
		nothing: undefined,
	});
	assert.deepEqual(got, { response: "hi" });
	const [{ method, url, headers, body }] = requests;
	assert.equal(method, "POST");
	assert.equal(url, `/client/v4/accounts/acc/ai/run/${MODEL}?tag=x+y`);
	assert.equal(headers.authorization, "Bearer token");
	assert.equal(headers["cf-aig-gateway-id"], "other");
	assert.equal(headers["cf-aig-skip-cache"], "true");
	assert.equal(headers["x-session-affinity"], "s");
	assert.deepEqual(JSON.parse(body), { prompt: "p" });
});

test("other models are named in the body", async (t) => {
	const completion = { choices: [{ message: { content: "hi" } }] };
	const answer = { body: { state: "Completed", result: completion, success: true } };
	const { binding, requests } = await start(t, answer, answer);
	const raw = await binding.run("openai/gpt-5", { messages: [] }, { returnRawResponse: true });
	assert.ok(raw instanceof Response);
	assert.deepEqual(await raw.json(), completion);
	assert.deepEqual(await binding.run("dynamic/route", { messages: [] }), completion);
	assert.deepEqual(requests.map(({ url, body }) => [url, JSON.parse(body).model]), [
		["/client/v4/accounts/acc/ai/run", "openai/gpt-5"],
		["/client/v4/accounts/acc/ai/run", "dynamic/route"],
	]);
	assert.deepEqual(JSON.parse(requests[0].body).input, { messages: [] });
	assert.equal(requests[0].headers["cf-aig-gateway-id"], "gw");
});

test("a stream is a stream of bytes", async (t) => {
	const text = 'data: {"response":"hi"}\n\ndata: [DONE]\n\n';
	const { binding } = await start(t, { headers: EVENTS, body: text }, { headers: EVENTS, body: text });
	const stream = await binding.run(MODEL, { prompt: "p", stream: true });
	assert.ok(stream instanceof ReadableStream);
	assert.equal(await new Response(stream).text(), text);
	const raw = await binding.run("openai/gpt-5", { stream: true }, { returnRawResponse: true });
	assert.equal(await raw.text(), text);
});

test("an empty answer to a stream is asked for again in one piece", async (t) => {
	const { binding, requests } = await start(
		t,
		enveloped({ response: null }),
		enveloped({ response: "whole" }),
		enveloped({ response: "at once" }),
	);
	const input = { prompt: "p", stream: true };
	assert.deepEqual(await binding.run(MODEL, input), { response: "whole" });
	assert.deepEqual(JSON.parse(requests[1].body), { prompt: "p", stream: false });
	// One that is not empty is not paid for twice.
	assert.deepEqual(await binding.run(MODEL, input), { response: "at once" });
	assert.equal(requests.length, 3);
});

test("pictures and sound come as bytes", async (t) => {
	const picture = { headers: { "content-type": "image/png" }, body: Uint8Array.of(137, 80) };
	const { binding } = await start(t, picture);
	const got = await binding.run("@cf/flux", { prompt: "p" });
	assert.deepEqual([...new Uint8Array(await new Response(got).arrayBuffer())], [137, 80]);
});

test("sound goes as it is", async (t) => {
	const { binding, requests } = await start(t, enveloped({ results: {} }), enveloped({}));
	const audio = { body: btoa("RIFF"), contentType: "audio/wav" };
	await binding.run("@cf/deepgram/nova-3", { audio, detect_language: true });
	const body = new Blob(["form"]).stream();
	await binding.run("@cf/flux", { multipart: { body, contentType: "multipart/form-data; boundary=b" } });
	const [first, second] = requests;
	assert.equal(first.url, "/client/v4/accounts/acc/ai/run/@cf/deepgram/nova-3?detect_language=true");
	assert.deepEqual([first.headers["content-type"], first.body], ["audio/wav", "RIFF"]);
	assert.equal(second.headers["content-type"], "multipart/form-data; boundary=b");
	assert.equal(second.body, "form");
});

test("a refusal is thrown with all there is to know", async (t) => {
	const body = { success: false, result: null, errors: [{ code: 3040, message: "Capacity" }] };
	const refused = { status: 429, headers: { "retry-after": "3" }, body };
	const { binding } = await start(t, refused, refused, { status: 403, body: "<html>" });
	await assert.rejects(binding.run(MODEL, { prompt: "p" }), (error) => {
		assert.ok(error instanceof RunError);
		assert.equal(error.message, "Weir answered 429: 3040: Capacity");
		assert.deepEqual([error.status, error.statusCode, error.code], [429, 429, 3040]);
		assert.equal(error.isRetryable, true);
		assert.equal(error.responseHeaders["retry-after"], "3");
		assert.equal(error[Symbol.for("vercel.ai.error.AI_APICallError")], true);
		assert.ok(!JSON.stringify(error).includes("token"));
		return true;
	});
	const raw = await binding.run(MODEL, {}, { returnRawResponse: true });
	assert.equal(raw.status, 429);
	assert.deepEqual(await raw.json(), body);
	await assert.rejects(binding.run(MODEL, {}), { message: "Weir answered 403: <html>", isRetryable: false });
});

test("a failure in a good status is one", async (t) => {
	const failed = { body: { state: "Failed", result: null, error: { code: "x", message: "no" } } };
	const { binding } = await start(t, failed, { body: "{" });
	await assert.rejects(binding.run("openai/gpt-5", {}), { message: "Weir answered 200: x: no" });
	await assert.rejects(binding.run(MODEL, {}), { message: "Weir's answer is not JSON", status: 502 });
});
