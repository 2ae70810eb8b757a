// Every `aiGateway` method of the official client, and the neighbours that it relies on.
import assert from "node:assert/strict";
import { test } from "node:test";
import Cloudflare from "cloudflare";
import { SETTINGS, account_id, all, call, client, gateway, rejection, until } from "./cloudflare.mjs";

const { aiGateway } = client;

test("gateways: create, read, list, update, delete", async () => {
  const made = await gateway("node-crud", { cache_ttl: 300, retry_max_attempts: 3 });
  assert.equal(made.id, "node-crud");
  assert.equal(made.cache_ttl, 300);
  assert.equal(made.is_default, false);

  const read = await aiGateway.get("node-crud", { account_id });
  const { id, created_at, modified_at, ...settings } = read;
  await aiGateway.update("node-crud", { account_id, ...settings });
  const again = await aiGateway.get("node-crud", { account_id });
  assert.notEqual(again.modified_at, modified_at);
  assert.deepEqual({ ...again, modified_at: 0 }, { ...read, modified_at: 0 });

  const changed = await aiGateway.update("node-crud", { account_id, ...SETTINGS, cache_ttl: null });
  assert.equal(changed.cache_ttl, null);
  assert.equal(changed.retry_max_attempts, 3);

  const found = await all(aiGateway.list({ account_id, search: "node-cr" }));
  assert.deepEqual(found.map((row) => row.id), ["node-crud"]);
  assert.equal((await aiGateway.delete("node-crud", { account_id })).id, "node-crud");
  const gone = await rejection(aiGateway.get("node-crud", { account_id }));
  assert.ok(gone instanceof Cloudflare.NotFoundError);
  assert.equal(gone.errors[0].code, 7002);
});

test("gateways: refusals are exceptions that say what was wrong", async () => {
  await gateway("node-taken");
  const taken = await rejection(gateway("node-taken"));
  assert.ok(taken instanceof Cloudflare.BadRequestError);
  assert.equal(taken.errors[0].code, 7001);
  assert.match(taken.errors[0].message, /already exists/);
  const bad = await rejection(gateway("node-bad", { cache_ttl: -1 }));
  assert.deepEqual(bad.errors[0].path, ["body", "cache_ttl"]);
  const stranger = new Cloudflare({ apiToken: "nobody", baseURL: client.baseURL, maxRetries: 0 });
  const refused = await rejection(stranger.aiGateway.get("node-taken", { account_id }));
  assert.ok(refused instanceof Cloudflare.AuthenticationError);
  const foreign = await rejection(aiGateway.get("gw1", { account_id: "other" }));
  assert.ok(foreign instanceof Cloudflare.PermissionDeniedError);
});

test("gateways: the whole answer can be looked at", async () => {
  const { data, response } = await aiGateway.get("gw1", { account_id }).withResponse();
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type"), /application\/json/);
  assert.equal(data.id, "gw1");
  assert.ok(Number.isFinite(Date.parse(data.created_at)));
});

test("the older key pair carries a token, too", async () => {
  const { baseURL } = client;
  const pair = new Cloudflare({ apiKey: "tok-admin", apiEmail: "a@example.com", baseURL, maxRetries: 0 });
  assert.equal((await pair.aiGateway.get("gw1", { account_id })).id, "gw1");
});

test("gateways: iteration ends, and a change acts on the next call", async () => {
  for (const n of [1, 2, 3]) await gateway(`node-page-${n}`);
  const listed = await all(aiGateway.list({ account_id, per_page: 2, search: "node-page-" }));
  assert.deepEqual(listed.map((row) => row.id), ["node-page-3", "node-page-2", "node-page-1"]);
  await aiGateway.update("node-page-1", { account_id, ...SETTINGS, authentication: true });
  assert.equal(await call("node-page-1"), null);
  await aiGateway.update("node-page-1", { account_id, ...SETTINGS, authentication: false });
  assert.match(await call("node-page-1"), /^[0-9a-f-]{36}$/);
});

test("urls", async () => {
  const url = await aiGateway.urls.get("openai", { account_id, gateway_id: "gw1" });
  assert.equal(url, `${new URL(client.baseURL).origin}/v1/acc1/gw1/openai`);
});

test("logs: list, filter, sort, get, bodies, edit, delete", async () => {
  const gateway_id = "node-logs";
  await gateway(gateway_id);
  const ids = [];
  for (const team of ["ai", "ai", "web"]) {
    ids.push(await call(gateway_id, { metadata: { team, n: ids.length }, content: `hello ${team}` }));
  }
  ids.push(await call(gateway_id, { model: "gpt-4o" }));
  const { logs } = aiGateway;
  const list = (query = {}) => all(logs.list(gateway_id, { account_id, ...query }));
  await until("four rows", async () => (await list()).length === 4);

  assert.deepEqual((await list()).map((row) => row.id), ids.toReversed());
  const oldest = await list({ order_by: "created_at", order_by_direction: "asc", per_page: 3 });
  assert.deepEqual(oldest.map((row) => row.id), ids);
  const filters = (...conditions) =>
    list({ filters: conditions.map(([key, operator, ...value]) => ({ key, operator, value })) });
  assert.equal((await filters(["model", "eq", "gpt-4o"])).length, 1);
  assert.equal((await filters(["model", "eq", "gpt-4o", "gpt-4o-mini"])).length, 4);
  assert.equal((await filters(["metadata.value", "eq", "ai"], ["success", "eq", true])).length, 2);
  assert.equal((await filters(["metadata.key", "eq", "team"], ["cost", "gt", 0])).length, 3);
  assert.equal((await filters(["provider", "neq", "openai"])).length, 0);
  assert.equal((await filters(["id", "eq", ids[1]])).length, 1);
  assert.equal((await list({ model: "gpt-4o", success: true, min_tokens_in: 1 })).length, 1);
  assert.equal((await list({ start_date: "2999-01-01T00:00:00Z" })).length, 0);
  assert.equal((await list({ search: "web" })).length, 1);
  const page = await logs.list(gateway_id, { account_id, meta_info: true, per_page: 1 });
  assert.equal(page.result_info.total_count, 4);
  assert.ok(page.result_info.max_cost > 0);
  assert.ok(page.result_info.min_tokens_in > 0);
  const unknown = await rejection(filters(["modle", "eq", "x"]));
  assert.equal(unknown.errors[0].code, 7001);

  const log = { account_id, gateway_id };
  const detail = await logs.get(ids[0], log);
  assert.deepEqual(JSON.parse(detail.metadata), { team: "ai", n: 0 });
  assert.equal(detail.request_head_complete, true);
  const request = await logs.request(ids[0], log);
  assert.equal(request.messages[0].content, "hello ai");
  assert.equal((await logs.response(ids[0], log)).object, "chat.completion");

  await logs.edit(ids[0], { ...log, feedback: 1, score: 90, metadata: { kept: true } });
  const edited = await logs.get(ids[0], log);
  assert.equal(edited.feedback, 1);
  assert.equal(edited.score, 90);
  assert.deepEqual(JSON.parse(edited.metadata), { kept: true });
  assert.equal((await filters(["feedback", "eq", 1])).length, 1);
  assert.equal((await list({ feedback: 1 })).length, 1);
  assert.equal((await rejection(logs.edit(ids[0], { ...log, feedback: 2 }))).status, 400);

  const one = { key: "metadata.value", operator: "eq", value: ["web"] };
  assert.equal((await logs.delete(gateway_id, { account_id, filters: [one] })).success, true);
  assert.deepEqual((await list()).map((row) => row.id), [ids[3], ids[1], ids[0]]);
  await logs.delete(gateway_id, { account_id, limit: 2 });
  assert.deepEqual((await list()).map((row) => row.id), [ids[3]]);
  const missing = await rejection(logs.request(ids[0], log));
  assert.ok(missing instanceof Cloudflare.NotFoundError);
});

test("datasets and evaluations over real logs", async () => {
  const gateway_id = "node-evaluations";
  await gateway(gateway_id);
  const ids = [await call(gateway_id), await call(gateway_id), await call(gateway_id, { model: "gpt-4o" })];
  const log = { account_id, gateway_id };
  await until("rows", async () => (await all(aiGateway.logs.list(gateway_id, { account_id }))).length === 3);
  await aiGateway.logs.edit(ids[0], { ...log, feedback: 1 });
  await aiGateway.logs.edit(ids[1], { ...log, feedback: -1 });

  const { datasets, evaluations, evaluationTypes } = aiGateway;
  const filters = [{ key: "model", operator: "eq", value: ["gpt-4o-mini"] }];
  const body = { account_id, name: "minis", enable: true, filters };
  const dataset = await datasets.create(gateway_id, body);
  assert.deepEqual(dataset.filters, filters);
  assert.match((await rejection(datasets.create(gateway_id, body))).message, /already exists/);
  await datasets.update(dataset.id, { ...body, gateway_id, name: "small" });
  assert.equal((await datasets.get(dataset.id, log)).name, "small");
  assert.equal((await all(datasets.list(gateway_id, { account_id, search: "sma" }))).length, 1);

  const types = await all(evaluationTypes.list({ account_id }));
  assert.deepEqual(types.map((type) => type.type).toSorted(), ["cost", "human_feedback", "speed"]);
  const made = await evaluations.create(gateway_id, {
    account_id,
    name: "first",
    dataset_ids: [dataset.id],
    evaluation_type_ids: types.map((type) => type.id),
  });
  const done = await until("evaluation", async () => {
    const now = await evaluations.get(made.id, log);
    return now.processed && now;
  });
  assert.equal(done.total_logs, 2);
  const result = (name) => {
    const type = types.find((type) => type.type === name);
    return done.results.find((result) => result.evaluation_type_id === type.id);
  };
  assert.equal(result("human_feedback").status, 2);
  assert.equal(Number.parseFloat(result("human_feedback").result), 50);
  assert.ok(Number.parseFloat(result("cost").result) > 0);
  assert.ok(Number.parseFloat(result("speed").result) >= 0);
  assert.equal((await all(evaluations.list(gateway_id, { account_id, processed: true }))).length, 1);
  assert.equal((await evaluations.delete(made.id, log)).id, made.id);
  assert.equal((await datasets.delete(dataset.id, log)).id, dataset.id);
});

test("dynamic routes: versions, deployments, rollback", async () => {
  const gateway_id = "node-routes";
  await gateway(gateway_id);
  const { dynamicRouting: routes } = aiGateway;
  const elements = (model) => [
    { id: "start", type: "start", outputs: { next: { elementId: "model" } } },
    {
      id: "model",
      type: "model",
      properties: { provider: "openai", model, retries: 1, timeout: 5000 },
      outputs: { success: { elementId: "end" }, fallback: { elementId: "end" } },
    },
    { id: "end", type: "end", outputs: {} },
  ];
  const route = { account_id, gateway_id };
  const made = await routes.create(gateway_id, { account_id, name: "support", elements: elements("gpt-4o") });
  assert.deepEqual(made.elements, elements("gpt-4o"));
  const listed = await routes.list(gateway_id, { account_id });
  assert.deepEqual(listed.data.routes.map((row) => row.id), [made.id]);
  const version = await routes.createVersion(made.id, { ...route, elements: elements("gpt-4o-mini") });
  assert.deepEqual((await routes.get(made.id, route)).elements, elements("gpt-4o"));
  const { data } = await routes.listVersions(made.id, route);
  assert.equal(data.versions.length, 2);
  const second = data.versions.find((one) => one.version_id !== made.version.version_id);
  assert.ok(version.id);
  await routes.createDeployment(made.id, { ...route, version_id: second.version_id });
  assert.deepEqual((await routes.get(made.id, route)).elements, elements("gpt-4o-mini"));
  await routes.createDeployment(made.id, { ...route, version_id: made.version.version_id });
  assert.deepEqual((await routes.get(made.id, route)).elements, elements("gpt-4o"));
  assert.equal((await routes.listDeployments(made.id, route)).data.deployments.length, 3);
  const shown = await routes.getVersion(second.version_id, { ...route, id: made.id });
  assert.deepEqual(shown.elements, elements("gpt-4o-mini"));
  const renamed = await routes.update(made.id, { ...route, name: "help" });
  assert.equal(renamed.route.name, "help");
  const broken = elements("gpt-4o");
  broken[0].outputs.next.elementId = "nowhere";
  const refused = await rejection(routes.create(gateway_id, { account_id, name: "x", elements: broken }));
  assert.equal(refused.status, 400);
  await routes.delete(made.id, route);
  assert.deepEqual((await routes.list(gateway_id, { account_id })).data.routes, []);
});

test("dynamic routes keep what Weir adds to their elements", async () => {
  const gateway_id = "node-routes-weir";
  await gateway(gateway_id);
  const { dynamicRouting: routes } = aiGateway;
  const outputs = (ways) =>
    Object.fromEntries(Object.entries(ways).map(([name, elementId]) => [name, { elementId }]));
  const other = { provider: "groq", model: "small" };
  const model = (weir) => ({ provider: "openai", model: "gpt-4o-mini", retries: 0, timeout: 5000, weir });
  const elements = [
    { id: "start", type: "start", outputs: outputs({ next: "if" }) },
    {
      id: "if",
      type: "conditional",
      properties: { conditions: { "metadata.plan": { $eq: "free" } } },
      outputs: outputs({ true: "rate", false: "split" }),
    },
    {
      id: "rate",
      type: "rate",
      properties: { limitType: "count", key: "metadata.user", limit: 2, window: 60, technique: "sliding" },
      outputs: outputs({ success: "split", fallback: "end" }),
    },
    {
      id: "split",
      type: "percentage",
      properties: { weir: { sticky: "metadata.user" } },
      outputs: outputs({ "12.5%": "one", else: "two" }),
    },
    {
      id: "one",
      type: "model",
      properties: model({
        balance: { strategy: "latency", weight: 2, targets: [{ ...other, weight: 1 }] },
        breaker: { failures: 3, window: 60, cooldown: 5 },
        shadow: { ...other, percent: 10 },
      }),
      outputs: outputs({ success: "end", fallback: "two" }),
    },
    {
      id: "two",
      type: "model",
      properties: model({ hedge: { ...other, after_ms: 100, limit: 1, window: 3600 } }),
      outputs: outputs({ success: "end", fallback: "end" }),
    },
    { id: "end", type: "end", outputs: {} },
  ];
  const route = { account_id, gateway_id };
  const made = await routes.create(gateway_id, { account_id, name: "all", elements });
  assert.deepEqual(made.elements, elements);
  assert.deepEqual((await routes.get(made.id, route)).elements, elements);
  const listed = await routes.list(gateway_id, { account_id });
  assert.deepEqual(listed.data.routes[0].elements, elements);
  await routes.createVersion(made.id, { ...route, elements });
  const { data } = await routes.listVersions(made.id, route);
  const newest = data.versions[0].version_id;
  assert.deepEqual((await routes.getVersion(newest, { ...route, id: made.id })).elements, elements);
  await routes.createDeployment(made.id, { ...route, version_id: newest });
  assert.equal((await routes.get(made.id, route)).version.version_id, newest);
});

test("provider configs hide the key that they store", async () => {
  const gateway_id = "node-keys";
  await gateway(gateway_id);
  const secret = "sk-live-0123456789-canary";
  const body = { account_id, alias: "main", default_config: true, provider_slug: "openai", secret };
  const made = await aiGateway.providerConfigs.create(gateway_id, body);
  assert.ok(!JSON.stringify(made).includes("canary"));
  assert.equal(made.default_config, true);
  assert.match((await rejection(aiGateway.providerConfigs.create(gateway_id, body))).message, /already exists/);
  const listed = await all(aiGateway.providerConfigs.list(gateway_id, { account_id }));
  assert.deepEqual(listed.map((row) => row.id), [made.id]);
  const stores = await all(client.secretsStore.stores.list({ account_id }));
  const secrets = [];
  for (const store of stores) {
    secrets.push(...(await all(client.secretsStore.stores.secrets.list(store.id, { account_id }))));
  }
  assert.ok(secrets.some((row) => row.name === "node-keys_openai_main"));
  assert.ok(!JSON.stringify(secrets).includes("canary"));
});

test("secrets store", async () => {
  const { stores } = client.secretsStore;
  const store = await stores.create({ account_id, name: "node-store" });
  assert.equal((await stores.get(store.id, { account_id })).id, store.id);
  const [secret] = await all(
    stores.secrets.create(store.id, {
      account_id,
      body: [{ name: "one", value: "v", scopes: ["ai_gateway"], comment: "note" }],
    }),
  );
  assert.equal(secret.status, "active");
  assert.equal(secret.value, undefined);
  const at = { account_id, store_id: store.id };
  await stores.secrets.edit(secret.id, { ...at, value: "w", comment: "new" });
  assert.equal((await stores.secrets.get(secret.id, at)).comment, "new");
  const copy = await stores.secrets.duplicate(secret.id, { ...at, name: "two", scopes: ["ai_gateway"] });
  assert.equal(copy.name, "two");
  assert.ok((await client.secretsStore.quota.get({ account_id })).secrets.usage >= 2);
  assert.equal((await rejection(stores.delete(store.id, { account_id }))).status, 409);
  await stores.secrets.delete(secret.id, at);
  const named = await all(stores.secrets.list(store.id, { account_id, order: "name", search: "tw" }));
  assert.deepEqual(named.map((row) => row.id), [copy.id]);
  // This client names no secrets here, so none may go.
  assert.deepEqual(await stores.secrets.bulkDelete(store.id, { account_id }), []);
  assert.equal((await all(stores.secrets.list(store.id, { account_id, per_page: 1 }))).length, 1);
  await stores.delete(store.id, { account_id, force: true });
  assert.equal((await rejection(stores.get(store.id, { account_id }))).status, 404);
});

test("custom providers serve traffic as soon as they are made", async () => {
  const gateway_id = "node-custom";
  await gateway(gateway_id);
  const { customProviders } = aiGateway;
  const base_url = process.env.SIMULATOR_URL;
  const made = await customProviders.create({
    account_id,
    name: "Mine",
    slug: "mine",
    base_url,
    enable: true,
    headers: '{"authorization":"Bearer sk-canary"}',
  });
  assert.ok(!JSON.stringify(made).includes("canary"));
  const origin = new URL(client.baseURL).origin;
  const answer = await fetch(`${origin}/v1/acc1/${gateway_id}/custom-mine/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hi" }] }),
  });
  assert.equal(answer.status, 200);
  assert.equal((await all(customProviders.list({ account_id, search: "mine" }))).length, 1);
  assert.equal((await customProviders.get(made.id, { account_id })).slug, "mine");
  assert.equal((await customProviders.delete(made.id, { account_id })).id, made.id);
});

test("spend limits keep the ids of their rules", async () => {
  const rule = { limit: 1, limitType: "cost", window: 60, model: { mode: "filter", values: ["m"] } };
  const settings = { account_id, ...SETTINGS, spend_limits: { enabled: true, rules: [rule] } };
  const made = await aiGateway.create({ ...settings, id: "node-spend" });
  const id = made.spend_limits.rules[0].id;
  assert.match(id, /^[0-9a-f]{8}$/);
  const again = await aiGateway.update("node-spend", settings);
  assert.deepEqual(again.spend_limits, made.spend_limits);
  const read = await aiGateway.get("node-spend", { account_id });
  const written = await aiGateway.update("node-spend", { ...read, account_id });
  assert.equal(written.spend_limits.rules[0].id, id);
  await aiGateway.delete("node-spend", { account_id });
});

test("billing", async () => {
  const { billing } = aiGateway;
  const before = await billing.creditBalance({ account_id });
  const bought = await billing.topup.create({ account_id, amount: 1000 });
  const status = await billing.topup.status({ account_id, payment_intent_id: bought.payment_intent_id });
  assert.equal(status.status, "completed");
  assert.equal((await billing.creditBalance({ account_id })).balance, before.balance + 1000);
  assert.ok((await billing.invoiceHistory({ account_id, type: "all" })).invoices.length >= 1);
  assert.ok(await billing.invoicePreview({ account_id }));
  const history = await billing.usageHistory({ account_id, value_grouping_window: "day" });
  assert.ok(Array.isArray(history.history));
  const manual = await billing.invoiceHistory({ account_id, type: "manual" });
  assert.equal(manual.invoices[0].amount_paid, 1000);
  await billing.topup.config.create({ account_id, amount: 1000, threshold: 500 });
  assert.equal((await billing.topup.config.get({ account_id })).threshold, 500);
  await billing.topup.config.delete({ account_id });
  assert.equal((await billing.spendingLimit.get({ account_id })).enabled, false);
  const retired = await rejection(
    billing.spendingLimit.create({ account_id, amount: 10, duration: "daily", strategy: "fixed" }),
  );
  assert.equal(retired.status, 403);
  assert.match(retired.errors[0].message, /spending limits are deprecated/);
  await billing.spendingLimit.delete({ account_id });
});

test("tokens: verify, make, use, revoke", async () => {
  assert.equal((await client.user.tokens.verify()).status, "active");
  assert.equal((await client.accounts.tokens.verify({ account_id })).status, "active");
});

test("models", async () => {
  const models = await all(client.ai.models.list({ account_id, per_page: 50 }));
  assert.ok(models.length > 10);
  assert.ok(models.every((model) => model.id && model.name));
  const [{ name: model }] = models;
  const { input, output } = await client.ai.models.schema.get({ account_id, model });
  assert.ok(input.type && output.type);
  assert.ok((await all(client.ai.authors.list({ account_id }))).length > 5);
  assert.ok((await all(client.ai.tasks.list({ account_id }))).length > 5);
});
