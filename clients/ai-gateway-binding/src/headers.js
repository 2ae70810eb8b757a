/** The gateway options of a binding, as the headers that HTTP has for them. */

const PLAIN = {
	cacheKey: "cf-aig-cache-key",
	cacheTtl: "cf-aig-cache-ttl",
	collectLog: "cf-aig-collect-log",
	eventId: "cf-aig-event-id",
	requestTimeoutMs: "cf-aig-request-timeout",
	byokAlias: "cf-aig-byok-alias",
	zdr: "cf-aig-zdr",
};

const RETRIES = {
	maxAttempts: "cf-aig-max-attempts",
	retryDelayMs: "cf-aig-retry-delay",
	backoff: "cf-aig-backoff",
};

/** Sets a header for each option that is there. An option that is not known is an error: it would
 * be lost in silence. */
export function setGatewayOptions(headers, options = {}) {
	const { id: _id, skipCache, metadata, retries, ...rest } = options;
	if (skipCache) headers.set("cf-aig-skip-cache", "true");
	if (metadata !== undefined) headers.set("cf-aig-metadata", metadataText(metadata));
	setAll(headers, "gateway", PLAIN, rest);
	setAll(headers, "gateway.retries", RETRIES, retries ?? {});
}

function setAll(headers, place, names, values) {
	for (const [key, value] of Object.entries(values)) {
		if (value === undefined) continue;
		if (names[key] === undefined) {
			throw new TypeError(`weir binding: ${place}.${key}: there is no such option`);
		}
		headers.set(names[key], String(value));
	}
}

/** JSON with escapes for all that is not ASCII, which headers cannot hold. */
function metadataText(metadata) {
	const text = JSON.stringify(metadata, (_key, value) =>
		typeof value === "bigint" ? value.toString() : value,
	);
	return text.replace(
		/[\u007f-\uffff]/g,
		(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
}

/** Adds headers of a caller, in whichever form. */
export function setExtra(headers, extra) {
	for (const [name, value] of new Headers(extra ?? {})) headers.set(name, value);
}
