/** Where requests go, and the key that goes with them. */

export class Client {
	#apiKey;
	#fetch;
	#base;

	constructor({ baseURL, account, gateway = "default", apiKey, fetch: send } = {}) {
		this.#base = base(baseURL);
		if (typeof account !== "string" || account === "") {
			throw new TypeError("weir binding: account: the id of the account is missing");
		}
		if (typeof gateway !== "string" || gateway === "") {
			throw new TypeError("weir binding: gateway: has to be the id of a gateway");
		}
		this.account = account;
		this.gatewayId = gateway;
		this.#apiKey = apiKey;
		// The global one is looked up at each call, so that tests and tracing can replace it.
		this.#fetch = send ?? ((...args) => globalThis.fetch(...args));
		this.logId = null;
	}

	/** The management API and the model runs of the account. */
	get api() {
		return `${this.#base}/client/v4/accounts/${encodeURIComponent(this.account)}`;
	}

	/** A gateway's own address. */
	gatewayUrl(id) {
		return `${this.#base}/v1/${encodeURIComponent(this.account)}/${encodeURIComponent(id)}`;
	}

	/** Headers with the key, as the API host wants it. */
	bearer(given) {
		return this.#with("authorization", given);
	}

	/** Headers with the key, as a gateway's own address wants it: `authorization` is the provider's. */
	gatewayBearer(given) {
		return this.#with("cf-aig-authorization", given);
	}

	#with(name, given) {
		const headers = new Headers(given);
		if (this.#apiKey !== undefined) headers.set(name, `Bearer ${this.#apiKey}`);
		return headers;
	}

	/** Sends a request. A redirect is an error: the key is for this host only. */
	async send(url, init) {
		const response = await this.#fetch(url, { ...init, redirect: "error" });
		this.logId = response.headers.get("cf-aig-log-id") ?? this.logId;
		return response;
	}
}

function base(text) {
	let url;
	try {
		url = new URL(text);
	} catch {
		throw new TypeError("weir binding: baseURL: has to be an address, e.g. https://weir.example.com");
	}
	if (!["http:", "https:"].includes(url.protocol) || url.search || url.hash || url.username) {
		throw new TypeError("weir binding: baseURL: has to be a plain http or https address");
	}
	return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}
