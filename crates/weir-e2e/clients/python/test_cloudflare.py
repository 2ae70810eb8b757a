"""The official Python client of Cloudflare, unchanged but for its base URL."""

import json
import os
import time
import unittest
import urllib.request

import cloudflare
from cloudflare import Cloudflare

BASE = os.environ["GATEWAY_URL"]
ACCOUNT = "acc1"
CLIENT = Cloudflare(api_token="tok-admin", base_url=f"{BASE}/client/v4", max_retries=0)
GATEWAYS = CLIENT.ai_gateway
SETTINGS = {
    "cache_invalidate_on_update": True,
    "cache_ttl": 0,
    "collect_logs": True,
    "rate_limiting_interval": 0,
    "rate_limiting_limit": 0,
}


def gateway(name: str, **settings):
    """A gateway of its own for a test."""
    return GATEWAYS.create(account_id=ACCOUNT, id=name, **{**SETTINGS, **settings})


def call(name: str, model: str = "gpt-4o-mini", **metadata) -> str:
    """One call through a gateway; gives the id of its log row."""
    body = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
    headers = {
        "content-type": "application/json",
        "authorization": "Bearer sk-test",
        "cf-aig-metadata": json.dumps(metadata),
    }
    url = f"{BASE}/v1/{ACCOUNT}/{name}/openai/chat/completions"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        answer.read()
        return answer.headers["cf-aig-log-id"]


def until(question):
    """Waits for a truth; fails when it does not come."""
    for _ in range(300):
        if answer := question():
            return answer
        time.sleep(0.02)
    raise AssertionError("it did not happen")


class Gateways(unittest.TestCase):
    """Settings, as the client types them."""

    def test_crud(self) -> None:
        made = gateway("py-crud", cache_ttl=60, log_management=10_000)
        self.assertEqual((made.id, made.cache_ttl), ("py-crud", 60))
        read = GATEWAYS.get("py-crud", account_id=ACCOUNT)
        known = ("id", "created_at", "modified_at")
        settings = {name: value for name, value in read.to_dict().items() if name not in known}
        extra = {name: settings.pop(name) for name in list(settings) if name not in SETTINGS}
        GATEWAYS.update("py-crud", account_id=ACCOUNT, **settings, extra_body=extra)
        again = GATEWAYS.get("py-crud", account_id=ACCOUNT)
        self.assertNotEqual(again.modified_at, read.modified_at)
        again.modified_at = read.modified_at
        self.assertEqual(again, read)
        self.assertEqual(GATEWAYS.delete("py-crud", account_id=ACCOUNT).id, "py-crud")
        with self.assertRaises(cloudflare.NotFoundError):
            GATEWAYS.get("py-crud", account_id=ACCOUNT)

    def test_iteration_ends(self) -> None:
        for number in range(3):
            gateway(f"py-page-{number}")
        rows = list(GATEWAYS.list(account_id=ACCOUNT, search="py-page-", per_page=2))
        self.assertEqual([row.id for row in rows], ["py-page-2", "py-page-1", "py-page-0"])

    def test_refusals(self) -> None:
        with self.assertRaises(cloudflare.BadRequestError) as refused:
            gateway("Py-Bad")
        self.assertEqual(refused.exception.errors[0].code, 7001)
        stranger = CLIENT.with_options(api_token="nobody")
        with self.assertRaises(cloudflare.AuthenticationError):
            stranger.ai_gateway.get("gw1", account_id=ACCOUNT)

    def test_urls(self) -> None:
        url = GATEWAYS.urls.get("openai", account_id=ACCOUNT, gateway_id="gw1")
        self.assertEqual(url, f"{BASE}/v1/{ACCOUNT}/gw1/openai")


class Logs(unittest.TestCase):
    """Rows, in the spelling of filters that this client has."""

    def test_logs(self) -> None:
        name = "py-logs"
        gateway(name)
        ids = [call(name, team="ai"), call(name, team="web"), call(name, model="gpt-4.1")]
        logs = GATEWAYS.logs

        def rows(**query):
            return list(logs.list(name, account_id=ACCOUNT, **query))

        def filtered(*conditions):
            filters = [
                {"key": key, "operator": operator, "value": value}
                for key, operator, value in conditions
            ]
            return [row.id for row in rows(filters=filters)]

        until(lambda: len(rows()) == 3)
        self.assertEqual([row.id for row in rows()], ids[::-1])
        self.assertEqual(filtered(("model", "eq", ["gpt-4.1"])), [ids[2]])
        two = (("model", "eq", ["gpt-4o-mini"]), ("metadata.value", "eq", ["web"]))
        self.assertEqual(filtered(*two), [ids[1]])
        self.assertEqual(len(filtered(("success", "eq", [True]), ("cost", "gt", [0]))), 3)
        self.assertEqual(len(filtered(("model", "eq", ["gpt-4.1", "gpt-4o-mini"]))), 3)
        self.assertEqual(len(rows(success=False)), 0)
        self.assertEqual(len(rows(order_by="model", order_by_direction="asc", per_page=2)), 3)

        here = {"account_id": ACCOUNT, "gateway_id": name}
        logs.edit(ids[0], **here, feedback=-1, score=12.5, metadata={"a": 1})
        self.assertEqual(json.loads(logs.get(ids[0], **here).metadata), {"a": 1})
        self.assertEqual(filtered(("feedback", "eq", [-1])), [ids[0]])
        self.assertEqual(logs.request(ids[1], **here)["messages"][0]["content"], "hi")
        self.assertEqual(logs.response(ids[1], **here)["object"], "chat.completion")
        filters = [{"key": "model", "operator": "eq", "value": ["gpt-4.1"]}]
        self.assertTrue(logs.delete(name, account_id=ACCOUNT, filters=filters).success)
        self.assertEqual([row.id for row in rows()], ids[1::-1])


class Neighbours(unittest.TestCase):
    """The other resources of a gateway."""

    def test_datasets_and_evaluations(self) -> None:
        name = "py-evaluations"
        gateway(name)
        call(name)
        until(lambda: len(list(GATEWAYS.logs.list(name, account_id=ACCOUNT))) == 1)
        here = {"account_id": ACCOUNT, "gateway_id": name}
        filters = [{"key": "success", "operator": "eq", "value": [True]}]
        dataset = GATEWAYS.datasets.create(
            name, account_id=ACCOUNT, name="all", enable=True, filters=filters
        )
        kinds = [kind.id for kind in GATEWAYS.evaluation_types.list(account_id=ACCOUNT)]
        made = GATEWAYS.evaluations.create(
            name, account_id=ACCOUNT, name="e", dataset_ids=[dataset.id], evaluation_type_ids=kinds
        )
        until(lambda: GATEWAYS.evaluations.get(made.id, **here).processed)
        done = GATEWAYS.evaluations.get(made.id, **here)
        self.assertEqual(done.total_logs, 1)
        self.assertEqual({result.status for result in done.results}, {2})

    def test_routes(self) -> None:
        name = "py-routes"
        gateway(name)
        elements = [
            {"id": "a", "type": "start", "outputs": {"next": {"elementId": "b"}}},
            {
                "id": "b",
                "type": "model",
                "properties": {"provider": "openai", "model": "m", "retries": 0, "timeout": 1000},
                "outputs": {"success": {"elementId": "c"}, "fallback": {"elementId": "c"}},
            },
            {"id": "c", "type": "end", "outputs": {}},
        ]
        routes = GATEWAYS.dynamic_routing
        made = routes.create(name, account_id=ACCOUNT, name="r", elements=elements)
        here = {"account_id": ACCOUNT, "gateway_id": name}
        self.assertEqual(routes.get(made.id, **here).name, "r")
        self.assertEqual(len(routes.list(name, account_id=ACCOUNT).data.routes), 1)
        routes.create_version(made.id, **here, elements=elements)
        self.assertEqual(len(routes.list_versions(made.id, **here).data.versions), 2)
        self.assertEqual(routes.update(made.id, **here, name="s").route.name, "s")
        routes.delete(made.id, **here)

    def test_keys(self) -> None:
        gateway("py-keys")
        made = GATEWAYS.provider_configs.create(
            "py-keys", account_id=ACCOUNT, alias="a", default_config=True,
            provider_slug="anthropic", secret="sk-ant-0123456789-canary",
        )
        self.assertNotIn("canary", made.to_json())
        rows = list(GATEWAYS.provider_configs.list("py-keys", account_id=ACCOUNT))
        self.assertEqual([row.id for row in rows], [made.id])

    def test_billing_reads(self) -> None:
        billing = GATEWAYS.billing
        self.assertGreaterEqual(billing.credit_balance(account_id=ACCOUNT).balance, 0)
        billing.usage_history(account_id=ACCOUNT, value_grouping_window="hour")
        billing.invoice_history(account_id=ACCOUNT)
        billing.invoice_preview(account_id=ACCOUNT)

    def test_tokens(self) -> None:
        self.assertEqual(CLIENT.user.tokens.verify().status, "active")


if __name__ == "__main__":
    unittest.main()
