/** A stand-in for Weir: answers from a list, remembers what it was asked. */

import { createServer } from "node:http";

/** Each answer is `{status, headers, body}`; the body is sent as JSON unless it is text or bytes. */
export async function serve(...answers) {
	const requests = [];
	const server = createServer(async (request, response) => {
		const chunks = [];
		for await (const chunk of request) chunks.push(chunk);
		const { method, url, headers } = request;
		requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
		const { status = 200, headers: extra = {}, body = {} } = answers.shift() ?? { status: 599 };
		const plain = typeof body === "string" || body instanceof Uint8Array;
		response.writeHead(status, { "content-type": "application/json", ...extra });
		response.end(plain ? body : JSON.stringify(body));
	});
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		requests,
		baseURL: `http://127.0.0.1:${server.address().port}`,
		close: () => new Promise((resolve) => server.close(resolve)),
	};
}
