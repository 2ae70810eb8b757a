import assert from "node:assert/strict";
import { test } from "node:test";

import { createBinding } from "../src/index.js";
import { serve } from "./server.js";

const STEPS = [
	{
		provider: "openai",
		endpoint: "v1/chat/completions",
		headers: { "content-type": "application/json", "cf-aig-cache-ttl": "60" },
		query: { model: "gpt-4o-mini", messages: [] },
	},
	{ provider: "anthropic", endpoint: "v1/messages", headers: {}, query: { model: "claude" } },
];

test("steps go to the universal endpoint as they are", async (t) => {
	const weir = await serve({ headers: { "cf-aig-step": "1", "cf-aig-log-id": "log-1" }, body: { a: 1 } });
	t.after(weir.close);
	const binding = createBinding({
		baseURL: `${weir.baseURL}/`,
		account: "acc",
		gateway: "my gateway",
		apiKey: "token",
	});

	const response = await binding.run(STEPS, { signal: undefined });

	assert.equal(response.headers.get("cf-aig-step"), "1");
	assert.deepEqual(await response.json(), { a: 1 });
	assert.equal(binding.aiGatewayLogId, "log-1");
	const [{ method, url, headers, body }] = weir.requests;
	assert.deepEqual([method, url], ["POST", "/v1/acc/my%20gateway"]);
	assert.equal(headers["cf-aig-authorization"], "Bearer token");
	assert.equal(headers.authorization, undefined);
	assert.equal(headers["content-type"], "application/json");
	assert.deepEqual(JSON.parse(body), STEPS);
});

test("a refusal is the caller's to read", async (t) => {
	const body = { success: false, error: [{ code: 2009, message: "Unauthorized" }] };
	const weir = await serve({ status: 401, body });
	t.after(weir.close);
	const response = await createBinding({ baseURL: weir.baseURL, account: "acc" }).run(STEPS);
	assert.equal(response.status, 401);
	assert.deepEqual(await response.json(), body);
	const [{ url, headers }] = weir.requests;
	assert.equal(url, "/v1/acc/default");
	assert.equal(headers["cf-aig-authorization"], undefined);
});

test("another gateway, with options and headers", async (t) => {
	const weir = await serve({});
	t.after(weir.close);
	const gateway = createBinding({ baseURL: weir.baseURL, account: "acc" }).gateway("other");
	await gateway.run(STEPS[0], {
		gateway: {
			cacheTtl: 0,
			cacheKey: "k",
			skipCache: true,
			collectLog: false,
			eventId: "e",
			requestTimeoutMs: 5000,
			metadata: { user: "Jürgen", n: 5n },
			retries: { maxAttempts: 2, retryDelayMs: 100, backoff: "linear" },
		},
		extraHeaders: { "x-own": "1" },
	});
	const [{ url, headers, body }] = weir.requests;
	assert.equal(url, "/v1/acc/other");
	assert.deepEqual(JSON.parse(body), STEPS[0]);
	assert.deepEqual(JSON.parse(headers["cf-aig-metadata"]), { user: "Jürgen", n: "5" });
	delete headers["cf-aig-metadata"];
	const own = Object.entries(headers).filter(([name]) => /^(cf-aig-|x-own)/.test(name));
	assert.deepEqual(
		Object.fromEntries(own),
		{
			"cf-aig-cache-ttl": "0",
			"cf-aig-cache-key": "k",
			"cf-aig-skip-cache": "true",
			"cf-aig-collect-log": "false",
			"cf-aig-event-id": "e",
			"cf-aig-request-timeout": "5000",
			"cf-aig-max-attempts": "2",
			"cf-aig-retry-delay": "100",
			"cf-aig-backoff": "linear",
			"x-own": "1",
		},
	);
	await assert.rejects(gateway.run([], { gateway: { cachettl: 5 } }), /cachettl: there is no such/);
});

test("an aborted call is aborted", async (t) => {
	const weir = await serve({});
	t.after(weir.close);
	const binding = createBinding({ baseURL: weir.baseURL, account: "acc" });
	const signal = AbortSignal.abort();
	await assert.rejects(binding.run(STEPS, { signal }), { name: "AbortError" });
	await assert.rejects(binding.run("@cf/m", {}, { signal }), { name: "AbortError" });
});

test("keys follow no redirect", async (t) => {
	const weir = await serve({ status: 307, headers: { location: "http://127.0.0.1:9/" } });
	t.after(weir.close);
	const binding = createBinding({ baseURL: weir.baseURL, account: "acc", apiKey: "token" });
	await assert.rejects(binding.run(STEPS), TypeError);
});
