// The official Cloudflare client, unchanged but for its base URL, and traffic for it to look at.
import Cloudflare from "cloudflare";

const base = process.env.GATEWAY_URL;
if (!base) throw new Error("GATEWAY_URL is not set: run these tests with `make e2e`");

export const account_id = "acc1";
export const client = new Cloudflare({
  apiToken: "tok-admin",
  baseURL: `${base}/client/v4`,
  maxRetries: 0,
});

/** What every client must send to make a gateway. */
export const SETTINGS = {
  cache_invalidate_on_update: true,
  cache_ttl: 0,
  collect_logs: true,
  rate_limiting_interval: 0,
  rate_limiting_limit: 0,
};

/** A gateway of its own for a test. */
export async function gateway(id, settings = {}) {
  return client.aiGateway.create({ account_id, id, ...SETTINGS, ...settings });
}

/** One call through a gateway; gives the id of its log row. */
export async function call(gateway, { model = "gpt-4o-mini", metadata, content = "hi" } = {}) {
  const headers = { "content-type": "application/json", authorization: "Bearer sk-test" };
  if (metadata) headers["cf-aig-metadata"] = JSON.stringify(metadata);
  const answer = await fetch(`${base}/v1/${account_id}/${gateway}/openai/chat/completions`, {
    method: "POST",
    headers,
    body: JSON.stringify({ model, messages: [{ role: "user", content }] }),
  });
  await answer.arrayBuffer();
  return answer.headers.get("cf-aig-log-id");
}

/** Waits for a truth; fails when it does not come. */
export async function until(what, question) {
  for (let tries = 0; tries < 300; tries++) {
    const answer = await question();
    if (answer) return answer;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`${what}: it did not happen`);
}

/** All rows of a list, page by page, as the client iterates. */
export async function all(list) {
  const rows = [];
  for await (const row of list) rows.push(row);
  return rows;
}

/** The error that a promise is rejected with. */
export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("the call succeeded");
}
