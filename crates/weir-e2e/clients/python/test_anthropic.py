"""Anthropic's Python client: native, at the unified endpoint and at the API host."""

import unittest

import anthropic
from pydantic import BaseModel
from unified import AUTHORS, CHAT, CITY, COMPAT, NATIVE, ONE_TOOL, RENAMED, REST, TOKEN
from unified import TOOLLESS, TWO_TOOLS, user

TOOLS = [{"name": name, "input_schema": CITY} for name in ("weather", "clock")]


def client(base: str = COMPAT, **options) -> anthropic.Anthropic:
    """A client that tries once."""
    key = {} if "auth_token" in options else {"api_key": TOKEN}
    return anthropic.Anthropic(base_url=base, max_retries=0, **key, **options)


PLACES = [
    (client(f"{NATIVE}/anthropic"), "claude-sonnet-4-5"),
    *((client(), model) for name, model in CHAT.items() if name not in TOOLLESS),
    *((client(REST), model) for model in AUTHORS),
    *((client(f"{REST}/v1"), model) for model in AUTHORS),
    (client(REST, auth_token=TOKEN), AUTHORS[1]),
]


class Person(BaseModel):
    """What is asked for."""

    name: str
    age: int


class Calls(unittest.TestCase):
    """What works must work."""

    def test_messages_whole_and_as_a_stream(self) -> None:
        for at, model in PLACES:
            with self.subTest(base=str(at.base_url), model=model):
                request = {"model": model, "max_tokens": 300, "messages": user("say hello")}
                whole = at.messages.create(**request)
                text = next(block.text for block in whole.content if block.type == "text")
                self.assertIn("hello", text)
                self.assertEqual(whole.stop_reason, "end_turn")
                with at.messages.stream(**request) as stream:
                    pieces = "".join(stream.text_stream)
                    final = stream.get_final_message()
                self.assertEqual(pieces, text)
                self.assertEqual(final.usage.input_tokens, whole.usage.input_tokens)
                self.assertEqual(final.usage.output_tokens, whole.usage.output_tokens)

    def test_tools(self) -> None:
        for at, model in PLACES:
            with self.subTest(base=str(at.base_url), model=model):
                request = {"model": model, "max_tokens": 300, "tools": TOOLS}
                asked = user(ONE_TOOL)
                first = at.messages.create(**request, messages=asked)
                call = next(block for block in first.content if block.type == "tool_use")
                self.assertIn("city", call.input)
                result = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}
                history = [*asked, {"role": "assistant", "content": first.content}, *user([result])]
                second = at.messages.create(**request, messages=history)
                self.assertEqual(second.stop_reason, "end_turn")
                with at.messages.stream(**request, messages=user(TWO_TOOLS)) as stream:
                    final = stream.get_final_message()
                names = [block.name for block in final.content if block.type == "tool_use"]
                self.assertEqual(sorted(names), ["clock", "weather"])

    def test_thinking(self) -> None:
        bedrock = "aws-bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0"
        for model in ("anthropic/claude-sonnet-4-5", CHAT["google-ai-studio"], bedrock):
            with self.subTest(model=model):
                request = {"model": model, "max_tokens": 3000}
                thinking = {"type": "enabled", "budget_tokens": 1024}
                asked = user("say hello")
                first = client().messages.create(**request, thinking=thinking, messages=asked)
                self.assertEqual(first.content[0].type, "thinking")
                history = [*asked, {"role": "assistant", "content": first.content}, *user("again")]
                with client().messages.stream(
                    **request, thinking=thinking, messages=history
                ) as stream:
                    final = stream.get_final_message()
                self.assertEqual(final.content[0].type, "thinking")

    def test_schemas(self) -> None:
        for name in ("openai", "google-ai-studio", "aws-bedrock"):
            with self.subTest(name=name):
                answer = client().messages.parse(
                    model=CHAT[name],
                    max_tokens=300,
                    messages=user("Jane is 54."),
                    output_format=Person,
                )
                self.assertIsInstance(answer.parsed_output, Person)

    def test_counting_and_models(self) -> None:
        for at, model in PLACES:
            with self.subTest(base=str(at.base_url), model=model):
                counted = at.messages.count_tokens(model=model, messages=user("say hello"))
                self.assertGreater(counted.input_tokens, 0)
        for base in (COMPAT, REST, f"{REST}/v1"):
            names = {model.id for model in client(base).models.list()}
            self.assertIn("openai/gpt-4o-mini", names)

    def test_a_model_by_another_name(self) -> None:
        answer = client(RENAMED).messages.create(
            model="claude-opus-4-5", max_tokens=100, messages=user("hi")
        )
        self.assertIn("gpt-4o-mini", answer.content[0].text)


class Failures(unittest.TestCase):
    """What fails must fail as the client's own error classes."""

    def test_statuses(self) -> None:
        kinds = {
            400: anthropic.BadRequestError,
            404: anthropic.NotFoundError,
            429: anthropic.RateLimitError,
            500: anthropic.InternalServerError,
        }
        for name in ("openai", "anthropic", "google-ai-studio", "aws-bedrock", "cohere"):
            for status, kind in kinds.items():
                with self.subTest(name=name, status=status), self.assertRaises(kind) as raised:
                    client().messages.create(
                        model=f"{CHAT[name]};status={status}", max_tokens=9, messages=user("hi")
                    )
                self.assertEqual(raised.exception.body["type"], "error")

    def test_tools_of_a_provider_without(self) -> None:
        for name in TOOLLESS:
            with self.subTest(name=name), self.assertRaises(anthropic.BadRequestError):
                client().messages.create(
                    model=CHAT[name], max_tokens=9, messages=user("hi"), tools=TOOLS
                )

    def test_a_wrong_token(self) -> None:
        wrong = anthropic.Anthropic(base_url=COMPAT, api_key="tok-wrong", max_retries=0)
        with self.assertRaises(anthropic.AuthenticationError):
            wrong.messages.create(model=CHAT["openai"], max_tokens=9, messages=user("hi"))

    def test_a_broken_stream(self) -> None:
        for name in ("openai", "google-ai-studio", "aws-bedrock"):
            cut = f"{CHAT[name]};words=50;chunk=2;cut-after=5"
            with self.subTest(name=name), self.assertRaises(Exception):
                with client().messages.stream(
                    model=cut, max_tokens=900, messages=user("hi")
                ) as stream:
                    stream.get_final_message()


if __name__ == "__main__":
    unittest.main()
