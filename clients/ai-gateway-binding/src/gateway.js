/** One gateway: its universal endpoint and its logs. The shape of `env.AI.gateway(id)`. */

import { failure } from "./errors.js";
import { setExtra, setGatewayOptions } from "./headers.js";

export function createGateway(client, id) {
	const logs = `${client.api}/ai-gateway/gateways/${encodeURIComponent(id)}/logs`;

	async function log(logId, init) {
		const url = `${logs}/${encodeURIComponent(logId)}`;
		const response = await client.send(url, { ...init, headers: client.bearer(init.headers) });
		if (!response.ok) throw await failure(response, { url });
		return (await response.json()).result;
	}

	return {
		/**
		 * Posts steps to the universal endpoint. Whatever the status, the answer is the caller's: the
		 * packages read `cf-aig-step` and the error codes themselves.
		 */
		async run(steps, { gateway, extraHeaders, signal } = {}) {
			const headers = new Headers();
			setGatewayOptions(headers, gateway);
			setExtra(headers, extraHeaders);
			headers.set("content-type", "application/json");
			return client.send(client.gatewayUrl(id), {
				method: "POST",
				headers: client.gatewayBearer(headers),
				body: JSON.stringify(steps, big),
				signal,
			});
		},

		/** The base address of a provider, for SDKs that take one. */
		async getUrl(provider = "") {
			return `${client.gatewayUrl(id)}/${provider}`;
		},

		/** A log row, with metadata and time as objects. */
		async getLog(logId) {
			const row = await log(logId, { method: "GET" });
			if (typeof row.metadata === "string") row.metadata = JSON.parse(row.metadata);
			if (typeof row.created_at === "string") row.created_at = new Date(row.created_at);
			return row;
		},

		/** Feedback, score or metadata of a log row. */
		async patchLog(logId, patch) {
			await log(logId, {
				method: "PATCH",
				headers: { "content-type": "application/json" },
				body: JSON.stringify(patch, big),
			});
		},
	};
}

function big(_key, value) {
	return typeof value === "bigint" ? value.toString() : value;
}
