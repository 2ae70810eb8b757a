/**
 * An object with the shape of Cloudflare's AI binding (`env.AI`) that posts to a Weir gateway.
 *
 * `ai-gateway-provider` and `workers-ai-provider` have their host compiled in, but both take a
 * binding instead. This is that binding: everything it does is a plain HTTP request.
 */

import { Client } from "./client.js";
import { createGateway } from "./gateway.js";
import { runModel } from "./run.js";

export { RunError } from "./errors.js";

/** The address that the packages use inside of a binding's `fetch`. */
const INTERNAL = "https://workers-binding.ai/ai-gateway/";

/** See `index.d.ts`. */
export function createBinding(config) {
	const client = new Client(config);
	const gateway = createGateway(client, client.gatewayId);
	return {
		/** Steps of the universal endpoint, or a model and its inputs. */
		run(first, second, third) {
			if (typeof first === "string") return runModel(client, first, second, third);
			return gateway.run(first, second);
		},

		gateway(id = client.gatewayId) {
			return createGateway(client, id);
		},

		/** The packages ask here for the rest of a stream that broke off. */
		async fetch(input, init) {
			const url = input instanceof Request ? input.url : String(input);
			if (!url.startsWith(INTERNAL)) {
				throw new TypeError(`weir binding: only ${INTERNAL}... can be fetched, not ${url}`);
			}
			const path = `${client.api}/ai-gateway/${url.slice(INTERNAL.length)}`;
			return client.send(path, { ...init, headers: client.bearer(init?.headers) });
		},

		/** Of the latest answer that was logged; with calls at the same time, read it from the answer. */
		get aiGatewayLogId() {
			return client.logId;
		},
	};
}
