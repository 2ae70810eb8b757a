"""Signs requests with botocore and prints signed_cases.json. Needs `pip install botocore`."""

import datetime
import json
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEXAMPLE//////////wEaDExamplE+Token=="
CLAUDE = "anthropic.claude-3-5-sonnet-20241022-v2%3A0"
PROFILE = (
    "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile"
    "%2Fus.amazon.nova-pro-v1%3A0"
)
CHAT = '{"messages":[{"role":"user","content":[{"text":"Grüß dich"}]}]}'


def case(path, *, method="POST", query="", headers=(), body=CHAT, region="us-east-1",
         service="bedrock", token=None, now=1_795_206_896_040, host=None):
    host = host or (
        f"bedrock-mantle.{region}.api.aws" if service == "bedrock-mantle"
        else f"bedrock-runtime.{region}.amazonaws.com"
    )
    url = f"https://{host}{path}" + (f"?{query}" if query else "")
    request = AWSRequest(method=method, url=url, data=body.encode(), headers=dict(headers))
    signer = botocore.auth.SigV4Auth(Credentials(ID, SECRET, token), service, region)
    request.headers["X-Amz-Content-SHA256"] = signer.payload(request)
    at = datetime.datetime.fromtimestamp(now / 1000, datetime.timezone.utc)
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=at):
        signer.add_auth(request)
    made = ("authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token")
    expected = [[k.lower(), v] for k, v in request.headers.items() if k.lower() in made]
    return {
        "method": method, "host": host, "path": path, "query": query,
        "headers": [list(h) for h in headers], "body": body, "region": region,
        "service": service, "session_token": token, "now_millis": now,
        "expected": sorted(expected),
    }


JSON = (("Content-Type", "application/json"),)
CASES = [
    case(f"/model/{CLAUDE}/converse"),
    case(f"/model/{CLAUDE}/converse", headers=JSON),
    case(f"/model/{CLAUDE}/converse-stream", token=TOKEN),
    case(f"/model/{PROFILE}/converse", headers=JSON, token=TOKEN),
    case(f"/model/{PROFILE}/converse-stream", region="eu-central-1"),
    case("/model/us.anthropic.claude-opus-4-1-20250805-v1%3A0/invoke"),
    case("/model/eu.amazon.nova-lite-v1%3A0/converse", region="eu-west-3"),
    case("/model/anthropic.claude-sonnet-4/converse", region="ap-southeast-2"),
    case("/model/a:b/converse"),
    case("/model/a%20b+c/converse"),
    case("/model/a~b_c.d-e/converse", body=""),
    case("/model/a*b(c)!/converse"),
    case("/model/a//b/./c/../converse"),
    case("/model/a/converse/"),
    case("/", method="GET", body=""),
    case("/async-invoke", method="GET", body="", query="maxResults=5&statusEquals=Completed"),
    case("/async-invoke", method="GET", body="", query="z=1&a=2&a=1&empty=&flag"),
    case("/async-invoke", method="GET", body="", query="next=a%2Fb%3D%3D&q=x%20y"),
    case("/v1/messages", service="bedrock-mantle", headers=JSON),
    case("/v1/chat/completions", service="bedrock-mantle", region="us-west-2", token=TOKEN),
    case(f"/model/{CLAUDE}/converse", headers=(("X-Amzn-Bedrock-Trace", "  ENABLED   FULL "),)),
    case(f"/model/{CLAUDE}/converse", now=951_782_400_999),
    case(f"/model/{CLAUDE}/converse", now=4_102_444_799_999, body=" " * 300),
    case("/model/m/converse", host="localhost:8443"),
]
print(json.dumps(CASES, indent=1, ensure_ascii=True))
