"""The official Python client of OpenAI, unchanged but for its base URL."""

import asyncio
import json
import os
import unittest

import openai

BASE = os.environ["GATEWAY_URL"]
OPEN = f"{BASE}/v1/acc1/open/openai"
CLOSED = f"{BASE}/v1/acc1/gw1/openai"
MODEL = "gpt-4o-mini"
MESSAGES = [{"role": "user", "content": "say hello"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


def client(base: str = OPEN, key: str = "sk-test", **options) -> openai.OpenAI:
    """A client that tries once."""
    return openai.OpenAI(api_key=key, base_url=base, max_retries=0, **options)


class Calls(unittest.TestCase):
    """What works must work."""

    def test_chat(self) -> None:
        raw = client().chat.completions.with_raw_response.create(model=MODEL, messages=MESSAGES)
        self.assertEqual(len(raw.headers["cf-aig-log-id"]), 36)
        answer = raw.parse()
        self.assertTrue(answer.choices[0].message.content)
        self.assertGreater(answer.usage.total_tokens, 0)

    def test_a_stream_equals_the_whole(self) -> None:
        whole = client().chat.completions.create(model=MODEL, messages=MESSAGES)
        stream = client().chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)
        pieces = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
        self.assertGreater(len(pieces), 2)
        self.assertEqual("".join(pieces), whole.choices[0].message.content)

    def test_tools(self) -> None:
        asked = [{"role": "user", "content": "weather in Paris, please"}]
        create = client().chat.completions.create
        first = create(model=MODEL, messages=asked, tools=[WEATHER])
        call = first.choices[0].message.tool_calls[0]
        self.assertEqual(call.function.name, "weather")
        self.assertIn("city", json.loads(call.function.arguments))
        result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
        history = [*asked, first.choices[0].message.model_dump(exclude_none=True), result]
        second = create(model=MODEL, messages=history, tools=[WEATHER])
        self.assertTrue(second.choices[0].message.content)

    def test_embeddings(self) -> None:
        answer = client().embeddings.create(model="text-embedding-3-small", input=["a", "b"])
        self.assertEqual(len(answer.data), 2)
        self.assertTrue(all(isinstance(value, float) for value in answer.data[0].embedding))

    def test_models(self) -> None:
        self.assertTrue(client().models.list().data)

    def test_responses(self) -> None:
        whole = client().responses.create(model=MODEL, input="say hello")
        self.assertTrue(whole.output_text)
        stream = client().responses.create(model=MODEL, input="say hello", stream=True)
        events = list(stream)
        text = "".join(e.delta for e in events if e.type == "response.output_text.delta")
        self.assertEqual(text, whole.output_text)
        self.assertEqual(events[-1].type, "response.completed")

    def test_a_gateway_token_in_a_header_of_its_own(self) -> None:
        headers = {"cf-aig-authorization": "Bearer tok-run"}
        answer = client(CLOSED, default_headers=headers).chat.completions.create(
            model=MODEL, messages=MESSAGES
        )
        self.assertEqual(answer.object, "chat.completion")

    def test_many_at_once(self) -> None:
        async def ask_all() -> list:
            async with openai.AsyncOpenAI(api_key="sk", base_url=OPEN, max_retries=0) as many:
                create = many.chat.completions.create
                return await asyncio.gather(
                    *(create(model=MODEL, messages=MESSAGES) for _ in range(32))
                )

        answers = asyncio.run(ask_all())
        self.assertEqual({answer.object for answer in answers}, {"chat.completion"})


class Failures(unittest.TestCase):
    """What fails must fail as the client's own error classes."""

    def test_statuses(self) -> None:
        kinds = {
            400: openai.BadRequestError,
            404: openai.NotFoundError,
            429: openai.RateLimitError,
            500: openai.InternalServerError,
        }
        for status, kind in kinds.items():
            with self.subTest(status=status), self.assertRaises(kind) as raised:
                client().chat.completions.create(model=f"{MODEL};status={status}", messages=MESSAGES)
            self.assertEqual(raised.exception.status_code, status)

    def test_a_refused_key(self) -> None:
        with self.assertRaises(openai.AuthenticationError):
            client(key="bad-key").chat.completions.create(model=MODEL, messages=MESSAGES)

    def test_a_refusal_of_the_gateway(self) -> None:
        with self.assertRaises(openai.AuthenticationError) as raised:
            client(CLOSED).chat.completions.create(model=MODEL, messages=MESSAGES)
        self.assertIn("cf-aig-authorization", raised.exception.response.headers["weir-hint"])

    def test_leaving_a_stream(self) -> None:
        slow = f"{MODEL};words=1000;chunk=20"
        stream = client().chat.completions.create(model=slow, messages=MESSAGES, stream=True)
        for _ in range(5):
            next(stream)
        stream.close()

    def test_a_timeout_of_the_client(self) -> None:
        with self.assertRaises(openai.APITimeoutError):
            client(timeout=0.3).chat.completions.create(model=f"{MODEL};hang", messages=MESSAGES)

    def test_a_broken_stream(self) -> None:
        cut = f"{MODEL};words=50;chunk=5;cut-after=5"
        stream = client().chat.completions.create(model=cut, messages=MESSAGES, stream=True)
        with self.assertRaises(Exception):
            list(stream)


if __name__ == "__main__":
    unittest.main()
