"""LiteLLM as a client: its `openai` provider at the unified endpoint."""

import json
import os
import unittest

# Its price list would be fetched at import.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm  # noqa: E402

GATEWAY = f"{os.environ['GATEWAY_URL']}/v1/acc1/gw1"
WHO = {"api_key": "tok-run", "max_retries": 0}
HERE = {"api_base": f"{GATEWAY}/compat", **WHO}
MODELS = [
    "openai/openai/gpt-4o-mini",
    "openai/anthropic/claude-simulated",
    "openai/google-ai-studio/gemini-2.5-flash",
    "openai/aws-bedrock/amazon.nova-lite-v1:0",
    "openai/cohere/command-a-03-2025",
]
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}]


def user(content: str) -> list[dict]:
    """A conversation of one turn."""
    return [{"role": "user", "content": content}]


class Calls(unittest.TestCase):
    """What works must work, and what fails must be the client's own error."""

    def test_chat_whole_and_as_a_stream(self) -> None:
        for model in MODELS:
            with self.subTest(model=model):
                ask = {"model": model, "messages": user("say hello"), **HERE}
                whole = litellm.completion(**ask)
                text = whole.choices[0].message.content
                self.assertIn("hello", text)
                options = {"include_usage": True}
                chunks = list(litellm.completion(**ask, stream=True, stream_options=options))
                pieces = [c.choices[0].delta.content or "" for c in chunks if c.choices]
                self.assertEqual("".join(pieces), text)
                rebuilt = litellm.stream_chunk_builder(chunks)
                self.assertEqual(rebuilt.usage.total_tokens, whole.usage.total_tokens)

    def test_tools(self) -> None:
        for model in MODELS:
            with self.subTest(model=model):
                asked = user("weather in Paris, please")
                first = litellm.completion(model=model, messages=asked, tools=TOOLS, **HERE)
                call = first.choices[0].message.tool_calls[0]
                self.assertIn("city", json.loads(call.function.arguments))
                result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
                history = [*asked, first.choices[0].message.model_dump(), result]
                second = litellm.completion(model=model, messages=history, tools=TOOLS, **HERE)
                self.assertTrue(second.choices[0].message.content)

    def test_a_provider_of_its_own(self) -> None:
        for model, base in (
            ("anthropic/claude-simulated", f"{GATEWAY}/anthropic"),
            ("anthropic/openai/gpt-4o-mini", f"{GATEWAY}/compat"),
        ):
            with self.subTest(model=model):
                ask = {"model": model, "messages": user("say hello"), "api_base": base, **WHO}
                whole = litellm.completion(**ask)
                self.assertIn("hello", whole.choices[0].message.content)
                chunks = litellm.completion(**ask, stream=True)
                pieces = [chunk.choices[0].delta.content or "" for chunk in chunks]
                self.assertIn("hello", "".join(pieces))

    def test_vectors(self) -> None:
        answer = litellm.embedding(
            model="openai/openai/text-embedding-3-small", input=["one", "two"], **HERE
        )
        self.assertEqual(len(answer.data), 2)

    def test_failures(self) -> None:
        with self.assertRaises(litellm.RateLimitError):
            litellm.completion(
                model="openai/anthropic/claude-simulated;status=429", messages=user("hi"), **HERE
            )


if __name__ == "__main__":
    unittest.main()
