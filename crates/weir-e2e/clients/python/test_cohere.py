"""Cohere's client at its provider's path."""

import unittest

import cohere
from unified import CITY, NATIVE, ONE_TOOL, TOKEN, TWO_TOOLS, user

MODEL = "command-a-03-2025"
TOOLS = [
    {"type": "function", "function": {"name": name, "description": name, "parameters": CITY}}
    for name in ("weather", "clock")
]
CLIENT = cohere.ClientV2(api_key=TOKEN, base_url=f"{NATIVE}/cohere")


class Calls(unittest.TestCase):
    """What works must work, and what fails must be the client's own error."""

    def test_chat_whole_and_as_a_stream(self) -> None:
        whole = CLIENT.chat(model=MODEL, messages=user("say hello"))
        text = whole.message.content[0].text
        self.assertIn("hello", text)
        events = list(CLIENT.chat_stream(model=MODEL, messages=user("say hello")))
        deltas = [e.delta.message.content.text for e in events if e.type == "content-delta"]
        self.assertEqual("".join(deltas), text)
        self.assertEqual(events[-1].type, "message-end")
        self.assertEqual(events[-1].delta.usage.tokens, whole.usage.tokens)

    def test_tools(self) -> None:
        asked = user(ONE_TOOL)
        first = CLIENT.chat(model=MODEL, messages=asked, tools=TOOLS).message
        call = first.tool_calls[0]
        self.assertEqual(call.function.name, "weather")
        result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
        second = CLIENT.chat(model=MODEL, messages=[*asked, first, result], tools=TOOLS)
        self.assertTrue(second.message.content)
        events = CLIENT.chat_stream(model=MODEL, messages=user(TWO_TOOLS), tools=TOOLS)
        starts = [e for e in events if e.type == "tool-call-start"]
        names = sorted(e.delta.message.tool_calls.function.name for e in starts)
        self.assertEqual(names, ["clock", "weather"])

    def test_schemas(self) -> None:
        form = {"type": "json_object", "schema": {**CITY, "required": ["city"]}}
        answer = CLIENT.chat(model=MODEL, messages=user("Paris"), response_format=form)
        self.assertIn("city", answer.message.content[0].text)

    def test_vectors_and_ranking(self) -> None:
        answer = CLIENT.embed(
            model="embed-v4.0",
            texts=["one", "two"],
            input_type="search_document",
            embedding_types=["float"],
        )
        self.assertEqual(len(answer.embeddings.float_), 2)
        ranked = CLIENT.rerank(model="rerank-v3.5", query="one", documents=["one", "two"])
        self.assertEqual(len(ranked.results), 2)

    def test_failures(self) -> None:
        kinds = {
            400: cohere.BadRequestError,
            429: cohere.TooManyRequestsError,
            500: cohere.InternalServerError,
        }
        for status, kind in kinds.items():
            with self.subTest(status=status), self.assertRaises(kind):
                CLIENT.chat(
                    model=f"{MODEL};status={status}",
                    messages=user("hi"),
                    request_options={"max_retries": 0},
                )


if __name__ == "__main__":
    unittest.main()
