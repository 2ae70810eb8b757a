import assert from "node:assert/strict";
import { test } from "node:test";

import { createBinding } from "../src/index.js";
import { serve } from "./server.js";

test("a configuration that cannot work is refused at once", () => {
	const good = { baseURL: "https://weir.example", account: "acc" };
	assert.doesNotThrow(() => createBinding(good));
	for (const [change, says] of [
		[{ baseURL: undefined }, /baseURL/],
		[{ baseURL: "weir.example" }, /baseURL/],
		[{ baseURL: "ftp://weir.example" }, /baseURL/],
		[{ baseURL: "https://user:password@weir.example" }, /baseURL/],
		[{ account: "" }, /account/],
		[{ gateway: "" }, /gateway/],
	]) {
		assert.throws(() => createBinding({ ...good, ...change }), says);
	}
	assert.throws(() => createBinding(), /baseURL/);
});

test("addresses of a gateway", async () => {
	const binding = createBinding({ baseURL: "https://weir.example/sub/", account: "a", gateway: "g" });
	assert.equal(await binding.gateway().getUrl("openai"), "https://weir.example/sub/v1/a/g/openai");
	assert.equal(await binding.gateway("h").getUrl(), "https://weir.example/sub/v1/a/h/");
});

test("logs are read and changed", async (t) => {
	const row = { id: "l", metadata: '{"a":1}', created_at: "2026-01-02T03:04:05Z" };
	const weir = await serve(
		{ body: { success: true, result: row } },
		{ body: { success: true, result: {} } },
		{ status: 404, body: { success: false, errors: [{ code: 7002, message: "Not Found" }] } },
	);
	t.after(weir.close);
	const binding = createBinding({ baseURL: weir.baseURL, account: "a", gateway: "g", apiKey: "k" });
	const log = await binding.gateway().getLog("l/1");
	assert.deepEqual(log.metadata, { a: 1 });
	assert.equal(log.created_at.getTime(), Date.UTC(2026, 0, 2, 3, 4, 5));
	await binding.gateway().patchLog("l", { score: 5, metadata: { n: 1n } });
	await assert.rejects(binding.gateway().getLog("x"), { status: 404, code: 7002 });
	const [get, patch] = weir.requests;
	const logs = "/client/v4/accounts/a/ai-gateway/gateways/g/logs";
	assert.deepEqual([get.method, get.url], ["GET", `${logs}/l%2F1`]);
	assert.equal(get.headers.authorization, "Bearer k");
	assert.deepEqual([patch.method, patch.url], ["PATCH", `${logs}/l`]);
	assert.deepEqual(JSON.parse(patch.body), { score: 5, metadata: { n: "1" } });
});

test("the rest of a stream is fetched from the gateway", async (t) => {
	const weir = await serve({ body: "data: x\n\n" });
	t.after(weir.close);
	const binding = createBinding({ baseURL: weir.baseURL, account: "a", apiKey: "k" });
	const url = "https://workers-binding.ai/ai-gateway/gateways/g/run/r1/resume?from=3";
	const response = await binding.fetch(url, { method: "GET" });
	assert.equal(await response.text(), "data: x\n\n");
	const [{ url: asked, headers }] = weir.requests;
	assert.equal(asked, "/client/v4/accounts/a/ai-gateway/gateways/g/run/r1/resume?from=3");
	assert.equal(headers.authorization, "Bearer k");
	await assert.rejects(binding.fetch("https://elsewhere.example/"), /only https:/);
});

test("another fetch can be given", async () => {
	const seen = [];
	const binding = createBinding({
		baseURL: "https://weir.example",
		account: "a",
		fetch: async (url, init) => {
			seen.push([url, init.method]);
			return Response.json({ ok: true });
		},
	});
	assert.deepEqual(await binding.run("@cf/m", {}), { ok: true });
	assert.deepEqual(seen, [["https://weir.example/client/v4/accounts/a/ai/run/@cf/m", "POST"]]);
});
