// Where the gateway is. OPEN asks for no gateway token: there a client differs by its base URL
// alone. CLOSED asks for TOKEN.
const base = process.env.GATEWAY_URL;
if (!base) throw new Error("GATEWAY_URL is not set: run these tests with `make e2e`");

export const OPEN = `${base}/v1/acc1/open`;
export const CLOSED = `${base}/v1/acc1/gw1`;
export const TOKEN = "tok-run";
// Any key is good for the simulated providers, except one that begins with "bad".
export const KEY = "sk-test";

/** A tool that both providers know how to call. */
export const WEATHER = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
};

/** The error that a promise is rejected with. */
export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("the call succeeded");
}
