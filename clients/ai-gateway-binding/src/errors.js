/** What a call throws that was refused. */

/** Statuses after which the same call may succeed. */
const RETRYABLE = [408, 409, 429];

/**
 * A refused call. The AI SDK knows its own errors by a registered symbol, so that they can come from
 * any package; with it, `maxRetries` and `retry-after` work as they do over HTTP.
 */
export class RunError extends Error {
	constructor(message, { status, code, url, headers, body, inputs }) {
		super(message);
		this.name = "RunError";
		/** HTTP status. */
		this.status = status;
		/** The code of the first error in the answer, where it has one. */
		this.code = code;
		// The names below are those of the AI SDK's APICallError.
		this.statusCode = status;
		this.url = url;
		this.requestBodyValues = inputs;
		this.responseHeaders = headers;
		this.responseBody = body;
		this.isRetryable = RETRYABLE.includes(status) || status >= 500;
		this[Symbol.for("vercel.ai.error")] = true;
		this[Symbol.for("vercel.ai.error.AI_APICallError")] = true;
	}
}

/** The error of an answer, whose body it reads. */
export async function failure(response, { url, inputs }) {
	const body = await response.text().catch(() => "");
	return refusal(response, { url, inputs, body });
}

/** The error of an answer whose body has been read. */
export function refusal(response, { url, inputs, body }) {
	const { status } = response;
	const { code, message } = reason(body);
	const text = message ?? (body || response.statusText);
	// Workers AI's codes stand before the text, as the binding has them.
	const shown = `${code === undefined ? "" : `${code}: `}${text}`;
	const headers = Object.fromEntries(response.headers);
	return new RunError(`Weir answered ${status}: ${shown}`, {
		status,
		code,
		url,
		headers,
		body,
		inputs,
	});
}

/** The forms that errors have: Cloudflare's lists, and a provider's own object. */
function reason(body) {
	let parsed;
	try {
		parsed = JSON.parse(body);
	} catch {
		return {};
	}
	const found = [parsed?.errors, parsed?.error].flat().find((one) => one?.message !== undefined);
	return { code: found?.code ?? undefined, message: found?.message };
}
