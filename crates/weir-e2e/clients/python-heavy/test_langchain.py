"""LangChain's client of OpenAI at the unified endpoint."""

import os
import unittest

import openai
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel

COMPAT = f"{os.environ['GATEWAY_URL']}/v1/acc1/gw1/compat"
TOKEN = "tok-run"
MODELS = [
    "openai/gpt-4o-mini",
    "anthropic/claude-simulated",
    "google-ai-studio/gemini-2.5-flash",
    "aws-bedrock/amazon.nova-lite-v1:0",
    "cohere/command-a-03-2025",
    "mistral/mistral-small-latest",
    "workers-ai/@cf/meta/llama-3.3-70b-instruct-fp8-fast",
]


class Person(BaseModel):
    """What is asked for."""

    name: str
    age: int


@tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


def chat(model: str, **options) -> ChatOpenAI:
    """A model that is tried once."""
    return ChatOpenAI(model=model, base_url=COMPAT, api_key=TOKEN, max_retries=0, **options)


class Calls(unittest.TestCase):
    """What works must work, and what fails must be the client's own error."""

    def test_chat_whole_and_as_a_stream(self) -> None:
        for model in MODELS:
            for responses in (False, True):
                with self.subTest(model=model, responses=responses):
                    llm = chat(model, use_responses_api=responses, stream_usage=True)
                    whole = llm.invoke("say hello")
                    self.assertIn("hello", whole.text)
                    chunks = list(llm.stream("say hello"))
                    self.assertEqual("".join(chunk.text for chunk in chunks), whole.text)
                    total = sum(chunks[1:], chunks[0])
                    self.assertEqual(
                        total.usage_metadata["total_tokens"], whole.usage_metadata["total_tokens"]
                    )

    def test_tools(self) -> None:
        for model in MODELS:
            with self.subTest(model=model):
                llm = chat(model).bind_tools([weather])
                asked = [HumanMessage("weather in Paris, please")]
                first = llm.invoke(asked)
                call = first.tool_calls[0]
                result = ToolMessage(weather.invoke(call["args"]), tool_call_id=call["id"])
                self.assertTrue(llm.invoke([*asked, first, result]).text)
                chunks = list(llm.stream(asked))
                total = sum(chunks[1:], chunks[0])
                self.assertEqual(total.tool_calls[0]["args"], call["args"])

    def test_schemas(self) -> None:
        for model in MODELS:
            with self.subTest(model=model):
                person = chat(model).with_structured_output(Person).invoke("Jane is 54.")
                self.assertIsInstance(person, Person)

    def test_vectors(self) -> None:
        for model in ("openai/text-embedding-3-small", "cohere/embed-v4.0"):
            with self.subTest(model=model):
                embeddings = OpenAIEmbeddings(
                    model=model,
                    base_url=COMPAT,
                    api_key=TOKEN,
                    check_embedding_ctx_length=False,
                )
                self.assertEqual(len(embeddings.embed_documents(["one", "two"])), 2)

    def test_failures(self) -> None:
        with self.assertRaises(openai.RateLimitError):
            chat("anthropic/claude-simulated;status=429").invoke("hi")


if __name__ == "__main__":
    unittest.main()
