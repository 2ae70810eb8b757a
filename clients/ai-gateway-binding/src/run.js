/** Running a model: the shape of `env.AI.run(model, inputs, options)`. */

import { RunError, failure, refusal } from "./errors.js";
import { setExtra, setGatewayOptions } from "./headers.js";

export async function runModel(client, model, inputs = {}, options = {}) {
	const { gateway, extraHeaders, signal, returnRawResponse, prefix: _prefix, ...rest } = options ?? {};
	const headers = new Headers();
	setExtra(headers, extraHeaders);
	setGatewayOptions(headers, gateway);
	headers.set("cf-aig-gateway-id", gateway?.id ?? client.gatewayId);
	const call = { ...request(model, inputs, rest), signal, inputs };
	call.url = `${client.api}${call.path}`;
	headers.set("content-type", call.contentType);
	call.headers = client.bearer(headers);

	const response = await post(client, call);
	if (returnRawResponse) return bare(response);
	if (inputs.stream !== true || !(await isEmptyJson(response))) return outcome(response, call);
	// Some models of Workers AI cannot stream over HTTP and answer with nothing: ask again for the
	// answer in one piece, which callers take for a stream, too.
	const whole = { ...call, body: JSON.stringify({ ...inputs, stream: false }) };
	return outcome(await post(client, whole), whole);
}

function post(client, { url, headers, body, signal }) {
	// A body that is a stream has to be announced as one.
	const duplex = body instanceof ReadableStream ? { duplex: "half" } : {};
	return client.send(url, { method: "POST", headers, body, signal, ...duplex });
}

/** Path, content type and body of a call. */
function request(model, inputs, rest) {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(rest)) {
		if (value !== undefined && value !== null) query.append(name, String(value));
	}
	const contentType = "application/json";
	// Only Workers AI's models have an address; all others are named in the body.
	if (!model.startsWith("@")) {
		return { path: path("/ai/run", query), contentType, body: JSON.stringify({ model, input: inputs }) };
	}
	const name = model.split("/").map(encodeURIComponent).join("/").replaceAll("%40", "@");
	const at = `/ai/run/${name.replaceAll("%3A", ":")}`;
	// Sound and forms go as they are; the binding's wrapping exists because it has no content type.
	for (const key of ["audio", "multipart"]) {
		const file = inputs[key];
		if (file?.body === undefined || file.contentType === undefined) continue;
		for (const [other, value] of Object.entries(inputs)) {
			if (other !== key && value !== undefined) query.append(other, String(value));
		}
		return { path: path(at, query), contentType: file.contentType, body: bytes(file.body) };
	}
	return { path: path(at, query), contentType, body: JSON.stringify(inputs) };
}

function path(base, query) {
	return query.size > 0 ? `${base}?${query}` : base;
}

/** A text is base64. */
function bytes(body) {
	if (typeof body !== "string") return body;
	return Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
}

function isJson(response) {
	return /[/+]json\b/i.test(response.headers.get("content-type") ?? "");
}

async function isEmptyJson(response) {
	if (!response.ok || !isJson(response)) return false;
	const parsed = await response.clone().json().catch(() => undefined);
	const result = isEnvelope(parsed) && parsed.success !== false ? parsed.result : parsed;
	if (typeof result !== "object" || result === null) return result === null || result === "";
	return Object.values(result).every((value) => value === null || value === "");
}

/** What a call without `returnRawResponse` gives: an object, or the bytes of anything else. */
async function outcome(response, call) {
	if (!response.ok) throw await failure(response, call);
	if (!isJson(response)) return response.body;
	const body = await response.text();
	let parsed;
	try {
		parsed = JSON.parse(body);
	} catch (cause) {
		const { url, inputs } = call;
		const headers = Object.fromEntries(response.headers);
		const error = new RunError("Weir's answer is not JSON", { status: 502, url, headers, body, inputs });
		error.cause = cause;
		throw error;
	}
	if (!isEnvelope(parsed)) return parsed;
	if (parsed.success === false || parsed.state === "Failed") {
		throw refusal(response, { ...call, body });
	}
	return parsed.result;
}

/** The answer without its envelope, which bindings do not have; an error stays as it is. */
async function bare(response) {
	if (!response.ok || !isJson(response)) return response;
	const body = await response.text();
	const { status, statusText } = response;
	const headers = new Headers(response.headers);
	// They were about the bytes on the wire.
	headers.delete("content-length");
	headers.delete("content-encoding");
	let parsed;
	try {
		parsed = JSON.parse(body);
	} catch {
		return new Response(body, { status, statusText, headers });
	}
	const done = isEnvelope(parsed) && parsed.success !== false && parsed.state !== "Failed";
	return new Response(done ? JSON.stringify(parsed.result) : body, { status, statusText, headers });
}

/** `{result, success, ...}` of the API, or `{state, result, ...}` of a run. */
function isEnvelope(value) {
	return (
		typeof value === "object" &&
		value !== null &&
		"result" in value &&
		(typeof value.success === "boolean" || typeof value.state === "string")
	);
}
