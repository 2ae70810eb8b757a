"""OpenAI's Python client at the unified endpoint and at the API host."""

import json
import unittest

import openai
from pydantic import BaseModel
from unified import AUTHORS, CHAT, CITY, COMPAT, EMBED, ONE_TOOL, REST, SCHEMALESS, TOKEN
from unified import TOOLLESS, TWO_TOOLS, user

FUNCTIONS = [{"name": name, "parameters": CITY, "strict": True} for name in ("weather", "clock")]
TOOLS = [{"type": "function", "function": function} for function in FUNCTIONS]


class Person(BaseModel):
    """What is asked for."""

    name: str
    age: int


def client(base: str = COMPAT, key: str = TOKEN) -> openai.OpenAI:
    """A client that tries once."""
    return openai.OpenAI(api_key=key, base_url=base, max_retries=0)


class Providers(unittest.TestCase):
    """Each provider does what OpenAI's client asks for."""

    def test_chat_whole_and_as_a_stream(self) -> None:
        places = [(client(), model) for model in CHAT.values()]
        places += [(client(f"{REST}/v1"), model) for model in AUTHORS]
        for at, model in places:
            with self.subTest(model=model):
                create = at.chat.completions.create
                whole = create(model=model, messages=user("say hello"))
                self.assertIn("hello", whole.choices[0].message.content)
                self.assertGreater(whole.usage.prompt_tokens, 0)
                options = {"include_usage": True}
                chunks = list(
                    create(
                        model=model,
                        messages=user("say hello"),
                        stream=True,
                        stream_options=options,
                    )
                )
                pieces = [c.choices[0].delta.content or "" for c in chunks if c.choices]
                self.assertEqual("".join(pieces), whole.choices[0].message.content)
                usage = [chunk.usage for chunk in chunks if chunk.usage]
                self.assertEqual(usage[-1].total_tokens, whole.usage.total_tokens)

    def test_tools(self) -> None:
        for name, model in CHAT.items():
            with self.subTest(model=model):
                if name in TOOLLESS:
                    with self.assertRaises(openai.BadRequestError) as raised:
                        self.converse(model)
                    self.assertEqual(raised.exception.param, "tools")
                else:
                    self.converse(model)

    def converse(self, model: str) -> None:
        """One tool, its result, two tools at once, and those as a stream."""
        create = client().chat.completions.create
        asked = user(ONE_TOOL)
        first = create(model=model, messages=asked, tools=TOOLS).choices[0]
        self.assertEqual(first.finish_reason, "tool_calls")
        call = first.message.tool_calls[0]
        self.assertIn("city", json.loads(call.function.arguments))
        result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
        history = [*asked, first.message.model_dump(exclude_none=True), result]
        second = create(model=model, messages=history, tools=TOOLS).choices[0]
        self.assertTrue(second.message.content)
        both = create(model=model, messages=user(TWO_TOOLS), tools=TOOLS).choices[0]
        names = sorted(call.function.name for call in both.message.tool_calls)
        self.assertEqual(names, ["clock", "weather"])
        with client().chat.completions.stream(
            model=model, messages=user(TWO_TOOLS), tools=TOOLS
        ) as stream:
            final = stream.get_final_completion().choices[0]
        self.assertEqual(len(final.message.tool_calls), 2)
        for call in final.message.tool_calls:
            self.assertIn("city", call.function.parsed_arguments)

    def test_schemas(self) -> None:
        for name, model in CHAT.items():
            if name in SCHEMALESS:
                continue
            with self.subTest(model=model):
                parse = client().chat.completions.parse
                answer = parse(model=model, messages=user("Jane is 54."), response_format=Person)
                self.assertIsInstance(answer.choices[0].message.parsed, Person)

    def test_vectors(self) -> None:
        for model in EMBED.values():
            with self.subTest(model=model):
                answer = client().embeddings.create(model=model, input=["one", "two"])
                self.assertEqual([row.index for row in answer.data], [0, 1])
                self.assertNotEqual(answer.data[0].embedding, answer.data[1].embedding)
                self.assertGreater(answer.usage.prompt_tokens, 0)

    def test_responses(self) -> None:
        places = [(client(), CHAT[name]) for name in ("openai", "anthropic", "google-ai-studio")]
        places += [(client(f"{REST}/v1"), model) for model in AUTHORS]
        tools = [{"type": "function", **function} for function in FUNCTIONS]
        for at, model in places:
            with self.subTest(model=model):
                whole = at.responses.create(model=model, input="say hello")
                with at.responses.stream(model=model, input="say hello") as stream:
                    final = stream.get_final_response()
                self.assertEqual(final.output_text, whole.output_text)
                self.assertEqual(final.usage.total_tokens, whole.usage.total_tokens)
                called = at.responses.create(model=model, input=TWO_TOOLS, tools=tools)
                calls = [item for item in called.output if item.type == "function_call"]
                self.assertEqual(sorted(call.name for call in calls), ["clock", "weather"])
                parsed = at.responses.parse(model=model, input="Jane is 54.", text_format=Person)
                self.assertIsInstance(parsed.output_parsed, Person)

    def test_models(self) -> None:
        for base in (COMPAT, f"{REST}/v1"):
            names = {model.id for model in client(base).models.list()}
            self.assertIn("openai/gpt-4o-mini", names)


class Failures(unittest.TestCase):
    """What fails must fail as the client's own error classes."""

    def test_statuses(self) -> None:
        kinds = {429: openai.RateLimitError, 500: openai.InternalServerError}
        for model in CHAT.values():
            for status, kind in kinds.items():
                with self.subTest(model=model, status=status), self.assertRaises(kind):
                    client().chat.completions.create(
                        model=f"{model};status={status}", messages=user("hi")
                    )

    def test_refusals_of_the_gateway(self) -> None:
        with self.assertRaises(openai.AuthenticationError):
            client(key="tok-wrong").chat.completions.create(
                model=CHAT["openai"], messages=user("hi")
            )
        with self.assertRaises(openai.BadRequestError):
            client().chat.completions.create(model="opnai/gpt-4o", messages=user("hi"))

    def test_a_broken_stream(self) -> None:
        for name in ("openai", "anthropic", "google-ai-studio", "aws-bedrock", "cohere"):
            cut = f"{CHAT[name]};words=50;chunk=2;cut-after=5"
            stream = client().chat.completions.create(
                model=cut, messages=user("hi"), stream=True
            )
            with self.subTest(name=name), self.assertRaises(Exception):
                list(stream)


if __name__ == "__main__":
    unittest.main()
