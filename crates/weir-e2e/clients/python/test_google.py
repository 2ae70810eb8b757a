"""Google's Python client: at its own provider's path, and with models of others."""

import unittest

from google import genai
from google.genai import errors, types
from pydantic import BaseModel
from unified import CHAT, COMPAT, EMBED, NATIVE, ONE_TOOL, TOKEN, TWO_TOOLS


class Person(BaseModel):
    """What is asked for."""

    name: str
    age: int


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


def clock(city: str) -> str:
    """The time in a city."""
    return f"noon in {city}"


def client(base: str, key: str = TOKEN) -> genai.Client:
    """A client of this address."""
    return genai.Client(api_key=key, http_options=types.HttpOptions(base_url=base))


NATIVE_CLIENT = client(f"{NATIVE}/google-ai-studio")
UNIFIED = client(COMPAT)
PLACES = [
    (NATIVE_CLIENT, "gemini-2.5-flash"),
    (NATIVE_CLIENT, "gemini-3-pro-preview"),
    *(
        (UNIFIED, CHAT[name])
        for name in ("google-ai-studio", "openai", "anthropic", "aws-bedrock")
    ),
]
BY_HAND = types.AutomaticFunctionCallingConfig(disable=True)


class Calls(unittest.TestCase):
    """What works must work."""

    def test_content_whole_and_as_a_stream(self) -> None:
        for at, model in PLACES:
            with self.subTest(model=model):
                whole = at.models.generate_content(model=model, contents="say hello")
                self.assertIn("hello", whole.text)
                chunks = list(at.models.generate_content_stream(model=model, contents="say hello"))
                self.assertEqual("".join(chunk.text or "" for chunk in chunks), whole.text)
                expected = whole.usage_metadata.total_token_count
                self.assertEqual(chunks[-1].usage_metadata.total_token_count, expected)

    def test_functions(self) -> None:
        for at, model in PLACES:
            with self.subTest(model=model):
                # The client calls the function itself, and sends what came of it.
                tools = types.GenerateContentConfig(tools=[weather, clock])
                answer = at.models.generate_content(model=model, contents=ONE_TOOL, config=tools)
                self.assertTrue(answer.text)
                by_hand = types.GenerateContentConfig(
                    tools=[weather, clock], automatic_function_calling=BY_HAND
                )
                both = at.models.generate_content(model=model, contents=TWO_TOOLS, config=by_hand)
                names = sorted(call.name for call in both.function_calls)
                self.assertEqual(names, ["clock", "weather"])

    def test_schemas(self) -> None:
        config = {"response_mime_type": "application/json", "response_schema": Person}
        for at, model in PLACES:
            with self.subTest(model=model):
                answer = at.models.generate_content(
                    model=model, contents="Jane is 54.", config=config
                )
                self.assertIsInstance(answer.parsed, Person)

    def test_vectors_and_counting(self) -> None:
        for model in EMBED.values():
            with self.subTest(model=model):
                answer = UNIFIED.models.embed_content(model=model, contents=["one", "two"])
                self.assertEqual(len(answer.embeddings), 2)
        for at, model in PLACES:
            with self.subTest(model=model):
                counted = at.models.count_tokens(model=model, contents="say hello")
                self.assertGreater(counted.total_tokens, 0)

    def test_failures(self) -> None:
        for at, model in PLACES:
            with self.subTest(model=model):
                with self.assertRaises(errors.ClientError) as limited:
                    at.models.generate_content(model=f"{model};status=429", contents="hi")
                self.assertEqual(limited.exception.code, 429)
                with self.assertRaises(errors.ServerError):
                    at.models.generate_content(model=f"{model};status=503", contents="hi")


if __name__ == "__main__":
    unittest.main()
