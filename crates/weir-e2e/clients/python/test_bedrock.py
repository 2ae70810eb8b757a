"""Amazon's Python client: it signs with keys that mean nothing, Weir signs with the stored ones."""

import json
import unittest

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from unified import CITY, NATIVE, ONE_TOOL, TOKEN, TWO_TOOLS

NOVA = "amazon.nova-lite-v1:0"
CLAUDE = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
TOOLS = {
    "tools": [
        {"toolSpec": {"name": name, "inputSchema": {"json": CITY}}} for name in ("weather", "clock")
    ]
}


def say(text: str) -> list[dict]:
    """A conversation of one turn."""
    return [{"role": "user", "content": [{"text": text}]}]


def present_token(request, **_rest) -> None:
    """Adds the gateway's token to a request."""
    request.headers["cf-aig-authorization"] = f"Bearer {TOKEN}"


CLIENT = boto3.client(
    "bedrock-runtime",
    region_name="us-east-1",
    endpoint_url=f"{NATIVE}/aws-bedrock/bedrock-runtime/us-east-1",
    aws_access_key_id="AKIADUMMY",
    aws_secret_access_key="dummy",
    config=Config(retries={"total_max_attempts": 1}),
)
CLIENT.meta.events.register("before-sign.bedrock-runtime.*", present_token)


class Calls(unittest.TestCase):
    """What works must work, and what fails must be the client's own error."""

    def test_conversation_whole_and_as_a_stream(self) -> None:
        for model in (NOVA, CLAUDE):
            with self.subTest(model=model):
                whole = CLIENT.converse(modelId=model, messages=say("say hello"))
                text = whole["output"]["message"]["content"][0]["text"]
                self.assertIn("hello", text)
                events = list(
                    CLIENT.converse_stream(modelId=model, messages=say("say hello"))["stream"]
                )
                deltas = [e["contentBlockDelta"]["delta"] for e in events if "contentBlockDelta" in e]
                self.assertEqual("".join(delta.get("text", "") for delta in deltas), text)
                self.assertEqual(events[-1]["metadata"]["usage"], whole["usage"])

    def test_tools(self) -> None:
        for model in (NOVA, CLAUDE):
            with self.subTest(model=model):
                asked = say(ONE_TOOL)
                first = CLIENT.converse(modelId=model, messages=asked, toolConfig=TOOLS)
                message = first["output"]["message"]
                call = next(part["toolUse"] for part in message["content"] if "toolUse" in part)
                self.assertIn("city", call["input"])
                result = {"toolUseId": call["toolUseId"], "content": [{"text": "sunny"}]}
                history = [*asked, message, {"role": "user", "content": [{"toolResult": result}]}]
                second = CLIENT.converse(modelId=model, messages=history, toolConfig=TOOLS)
                self.assertEqual(second["stopReason"], "end_turn")
                both = CLIENT.converse(modelId=model, messages=say(TWO_TOOLS), toolConfig=TOOLS)
                parts = both["output"]["message"]["content"]
                names = [part["toolUse"]["name"] for part in parts if "toolUse" in part]
                self.assertEqual(sorted(names), ["clock", "weather"])

    def test_a_model_s_own_body(self) -> None:
        body = {
            "anthropic_version": "bedrock-2023-05-31",
            "max_tokens": 200,
            "messages": [{"role": "user", "content": "say hello"}],
        }
        answer = CLIENT.invoke_model(modelId=CLAUDE, body=json.dumps(body))
        text = json.loads(answer["body"].read())["content"][0]["text"]
        self.assertIn("hello", text)
        stream = CLIENT.invoke_model_with_response_stream(modelId=CLAUDE, body=json.dumps(body))
        parts = [json.loads(event["chunk"]["bytes"]) for event in stream["body"]]
        pieces = [part.get("delta", {}).get("text", "") for part in parts]
        self.assertEqual("".join(pieces), text)

    def test_failures(self) -> None:
        kinds = {429: CLIENT.exceptions.ThrottlingException, 400: ClientError}
        for status, kind in kinds.items():
            with self.subTest(status=status), self.assertRaises(kind):
                CLIENT.converse(modelId=f"{NOVA};status={status}", messages=say("hi"))


if __name__ == "__main__":
    unittest.main()
