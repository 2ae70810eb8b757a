/** Where a binding posts to. */
export interface BindingConfig {
	/** Address of Weir, e.g. `https://weir.example.com`. */
	baseURL: string;
	/** Id of the account. */
	account: string;
	/** Id of the gateway that calls go through unless they name another. Defaults to `default`. */
	gateway?: string;
	/** A gateway token or an API token of Weir. Leave it out where the gateway asks for none. */
	apiKey?: string;
	/** Used instead of the global `fetch`. */
	fetch?: typeof globalThis.fetch;
}

export interface GatewayOptions {
	id?: string;
	cacheKey?: string;
	/** Seconds. */
	cacheTtl?: number;
	skipCache?: boolean;
	metadata?: Record<string, number | string | boolean | null | bigint>;
	collectLog?: boolean;
	eventId?: string;
	requestTimeoutMs?: number;
	retries?: {
		maxAttempts?: number;
		retryDelayMs?: number;
		backoff?: "constant" | "linear" | "exponential";
	};
	byokAlias?: string;
	zdr?: boolean;
}

export interface RunOptions {
	gateway?: GatewayOptions;
	extraHeaders?: HeadersInit;
	/** Give the HTTP answer itself, without an envelope around its body. */
	returnRawResponse?: boolean;
	signal?: AbortSignal;
	/** Others go into the query. */
	[option: string]: unknown;
}

export interface UniversalOptions {
	gateway?: GatewayOptions;
	extraHeaders?: HeadersInit;
	signal?: AbortSignal;
}

/** A step of the universal endpoint. */
export interface Step {
	provider: string;
	endpoint: string;
	headers?: Record<string, unknown>;
	query: unknown;
	config?: Record<string, unknown>;
}

export interface Gateway {
	/** Posts one step or several to the universal endpoint. */
	run(steps: unknown, options?: UniversalOptions): Promise<Response>;
	/** The gateway's address, or that of a provider behind it. */
	getUrl(provider?: string): Promise<string>;
	/** Needs an API token that may read logs. */
	getLog(logId: string): Promise<Record<string, unknown>>;
	/** Needs an API token that may write logs. */
	patchLog(
		logId: string,
		patch: {
			feedback?: -1 | 1 | null;
			score?: number | null;
			metadata?: Record<string, number | string | boolean | null | bigint> | null;
		},
	): Promise<void>;
}

/** The shape of Cloudflare's AI binding, as far as the two packages use it. */
export interface Binding {
	/** Runs a model: `@cf/...`, `{author}/{model}` or `dynamic/{route}`. */
	run(
		model: string,
		inputs: Record<string, unknown>,
		options: RunOptions & { returnRawResponse: true },
	): Promise<Response>;
	run(model: string, inputs: Record<string, unknown>, options?: RunOptions): Promise<any>;
	/** Posts steps to the universal endpoint of the configured gateway. */
	run(steps: Step | Step[] | unknown[], options?: UniversalOptions): Promise<Response>;
	/** The configured gateway, or another. */
	gateway(id?: string): Gateway;
	/** For the packages: the rest of a stream that broke off. */
	fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
	/** Log id of the latest answer. */
	readonly aiGatewayLogId: string | null;
}

/** A call that was refused. The AI SDK takes it for its own `APICallError`. */
export class RunError extends Error {
	readonly status: number;
	readonly statusCode: number;
	readonly code: number | string | undefined;
	readonly url: string;
	readonly requestBodyValues: unknown;
	readonly responseHeaders: Record<string, string>;
	readonly responseBody: string;
	readonly isRetryable: boolean;
}

/**
 * An object to be given to `createAiGateway({ binding })` or `createWorkersAI({ binding })`.
 *
 * @throws TypeError when the configuration is not usable.
 */
export function createBinding(config: BindingConfig): Binding;
