"""The official Python client of Cloudflare, unchanged but for its base URL."""

import json
import os
import time
import unittest
import urllib.request

import cloudflare
import pydantic
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


def typed(answer):
    """The answer, when it is what the client's types promise; the client itself does not look."""
    for row in answer if isinstance(answer, list) else [answer]:
        if isinstance(row, pydantic.BaseModel):
            type(row).model_validate_json(row.to_json(), strict=True)
    return answer


def every(pages) -> list:
    """All rows of a list, page by page, each as typed."""
    return typed(list(pages))


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
        typed(rows)

    def test_settings_are_as_typed(self) -> None:
        rule = {"limit": 1.0, "limit_type": "cost", "window": 60}
        settings = {
            "spend_limits": {"enabled": True, "rules": [rule]},
            "dlp": {"enabled": True, "action": "FLAG", "profiles": ["p"]},
            "otel": [{"url": "https://o.example", "headers": {}, "authorization": "x"}],
        }
        typed(gateway("py-typed", **settings))
        raw = GATEWAYS.with_raw_response.get("py-typed", account_id=ACCOUNT)
        self.assertEqual((raw.status_code, raw.json()["success"]), (200, True))
        self.assertEqual(typed(raw.parse()).otel[0].authorization, "********")

    def test_the_older_key_pair(self) -> None:
        pair = Cloudflare(
            api_key="tok-admin", api_email="a@example.com", base_url=CLIENT.base_url, max_retries=0
        )
        self.assertEqual(pair.ai_gateway.get("gw1", account_id=ACCOUNT).id, "gw1")

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
        typed(rows(meta_info=True, per_page=2))
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
        self.assertEqual(json.loads(typed(logs.get(ids[0], **here)).metadata), {"a": 1})
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
        renamed = {"name": "every", "enable": True, "filters": filters}
        self.assertEqual(typed(GATEWAYS.datasets.update(dataset.id, **here, **renamed)).name, "every")
        self.assertEqual(typed(GATEWAYS.datasets.get(dataset.id, **here)).name, "every")
        listed = every(GATEWAYS.datasets.list(name, account_id=ACCOUNT, per_page=1, search="ever"))
        self.assertEqual([row.id for row in listed], [dataset.id])
        kinds = [kind.id for kind in every(GATEWAYS.evaluation_types.list(account_id=ACCOUNT))]
        made = GATEWAYS.evaluations.create(
            name, account_id=ACCOUNT, name="e", dataset_ids=[dataset.id], evaluation_type_ids=kinds
        )
        until(lambda: GATEWAYS.evaluations.get(made.id, **here).processed)
        done = typed(GATEWAYS.evaluations.get(made.id, **here))
        self.assertEqual(done.total_logs, 1)
        self.assertEqual({result.status for result in done.results}, {2})
        self.assertEqual(len(every(GATEWAYS.evaluations.list(name, account_id=ACCOUNT))), 1)
        typed(GATEWAYS.evaluations.delete(made.id, **here))
        typed(GATEWAYS.datasets.delete(dataset.id, **here))

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
        made = typed(routes.create(name, account_id=ACCOUNT, name="r", elements=elements))
        here = {"account_id": ACCOUNT, "gateway_id": name}
        self.assertEqual(typed(routes.get(made.id, **here)).name, "r")
        self.assertEqual(len(typed(routes.list(name, account_id=ACCOUNT)).data.routes), 1)
        typed(routes.create_version(made.id, **here, elements=elements))
        versions = typed(routes.list_versions(made.id, **here)).data.versions
        self.assertEqual([version.active for version in versions], ["false", "true"])
        newest = versions[0].version_id
        shown = typed(routes.get_version(newest, **here, id=made.id))
        self.assertEqual(json.loads(shown.data), elements)
        typed(routes.create_deployment(made.id, **here, version_id=newest))
        deployments = typed(routes.list_deployments(made.id, **here)).data.deployments
        self.assertEqual((deployments[0].version_id, len(deployments)), (newest, 2))
        self.assertEqual(typed(routes.update(made.id, **here, name="s")).route.name, "s")
        typed(routes.delete(made.id, **here))

    def test_routes_with_additions(self) -> None:
        name = "py-routes-weir"
        gateway(name)
        other = {"provider": "groq", "model": "small"}
        hedge = {**other, "after_ms": 100, "limit": 1, "window": 3600}
        balance = {"strategy": "weights", "targets": [{**other, "weight": 3}]}
        named = {"provider": "openai", "model": "m", "retries": 0, "timeout": 1000}
        ends = {"success": {"elementId": "end"}, "fallback": {"elementId": "end"}}
        elements = [
            {"id": "start", "type": "start", "outputs": {"next": {"elementId": "split"}}},
            {
                "id": "split",
                "type": "percentage",
                "properties": {"weir": {"sticky": "metadata.user"}},
                "outputs": {"50%": {"elementId": "one"}, "else": {"elementId": "two"}},
            },
            {"id": "one", "type": "model", "properties": {**named, "weir": {"hedge": hedge}}, "outputs": ends},
            {"id": "two", "type": "model", "properties": {**named, "weir": {"balance": balance}}, "outputs": ends},
            {"id": "end", "type": "end", "outputs": {}},
        ]
        routes = GATEWAYS.dynamic_routing
        made = typed(routes.create(name, account_id=ACCOUNT, name="r", elements=elements))
        here = {"account_id": ACCOUNT, "gateway_id": name}
        shown = typed(routes.get(made.id, **here))
        self.assertEqual(shown.elements[2].properties.weir["hedge"], hedge)
        self.assertEqual(len(typed(routes.list(name, account_id=ACCOUNT)).data.routes), 1)
        typed(routes.create_version(made.id, **here, elements=elements))
        newest = typed(routes.list_versions(made.id, **here)).data.versions[0].version_id
        version = typed(routes.get_version(newest, **here, id=made.id))
        self.assertEqual(json.loads(version.data), elements)
        typed(routes.create_deployment(made.id, **here, version_id=newest))

    def test_keys(self) -> None:
        gateway("py-keys")
        made = GATEWAYS.provider_configs.create(
            "py-keys", account_id=ACCOUNT, alias="a", default_config=True,
            provider_slug="anthropic", secret="sk-ant-0123456789-canary",
            rate_limit=10.0, rate_limit_period=60.0,
        )
        self.assertNotIn("canary", made.to_json())
        rows = every(GATEWAYS.provider_configs.list("py-keys", account_id=ACCOUNT, per_page=1))
        self.assertEqual([row.id for row in rows], [made.id])

    def test_custom_providers(self) -> None:
        providers = GATEWAYS.custom_providers
        made = typed(
            providers.create(
                account_id=ACCOUNT, name="Eigen ☃", slug="py-own", base_url="https://a.example",
                enable=True, headers='{"authorization":"canary"}', position=2,
            )
        )
        self.assertNotIn("canary", made.to_json())
        rows = every(providers.list(account_id=ACCOUNT, search="py-own", enable=True, per_page=1))
        self.assertEqual([row.id for row in rows], [made.id])
        self.assertEqual(typed(providers.get(made.id, account_id=ACCOUNT)).name, "Eigen ☃")
        typed(providers.delete(made.id, account_id=ACCOUNT))
        with self.assertRaises(cloudflare.NotFoundError):
            providers.delete(made.id, account_id=ACCOUNT)

    def test_billing(self) -> None:
        billing, here = GATEWAYS.billing, {"account_id": ACCOUNT}
        before = typed(billing.credit_balance(**here)).balance
        bought = typed(billing.topup.create(**here, amount=1000.0))
        paid = typed(billing.topup.status(**here, payment_intent_id=bought.payment_intent_id))
        self.assertEqual(paid.status, "completed")
        self.assertEqual(billing.credit_balance(**here).balance, before + 1000)
        self.assertTrue(typed(billing.invoice_history(**here, type="manual")).invoices)
        typed(billing.invoice_preview(**here))
        span = {"start_time": 0.0, "end_time": time.time() * 1000}
        typed(billing.usage_history(**here, value_grouping_window="hour", **span))
        typed(billing.topup.config.create(**here, amount=2000, threshold=500))
        self.assertEqual(typed(billing.topup.config.get(**here)).amount, 2000)
        billing.topup.config.delete(**here)
        self.assertIs(typed(billing.spending_limit.get(**here)).enabled, False)
        billing.spending_limit.delete(**here)
        with self.assertRaises(cloudflare.PermissionDeniedError):
            billing.spending_limit.create(**here, amount=100, duration="daily", strategy="fixed")

    def test_secrets_store(self) -> None:
        stores, account = CLIENT.secrets_store.stores, {"account_id": ACCOUNT}
        store = typed(stores.create(**account, name="py-store"))
        self.assertEqual(typed(stores.get(store.id, **account)).name, "py-store")
        found = every(stores.list(**account, order="name", direction="asc", per_page=1))
        self.assertIn(store.id, [row.id for row in found])
        body = [{"name": name, "value": "canary", "scopes": ["ai_gateway"]} for name in ("a", "b")]
        secrets = every(stores.secrets.create(store.id, **account, body=body))
        here = {"account_id": ACCOUNT, "store_id": store.id}
        rows = every(stores.secrets.list(store.id, **account, order="name", per_page=1))
        self.assertEqual({row.id for row in rows}, {row.id for row in secrets})
        self.assertNotIn("canary", "".join(row.to_json() for row in rows))
        typed(stores.secrets.edit(secrets[0].id, **here, value="w", scopes=["workers"]))
        self.assertEqual(typed(stores.secrets.get(secrets[0].id, **here)).scopes, ["workers"])
        copy = {"name": "c", "scopes": ["ai_gateway"]}
        typed(stores.secrets.duplicate(secrets[0].id, **here, **copy))
        typed(stores.secrets.delete(secrets[0].id, **here))
        self.assertEqual(typed(CLIENT.secrets_store.quota.get(**account)).secrets.usage >= 2, True)
        typed(stores.delete(store.id, **account, force=True))

    def test_models(self) -> None:
        self.assertGreater(len(every(CLIENT.ai.models.list(account_id=ACCOUNT, per_page=50))), 10)
        model = "@cf/meta/llama-3.3-70b-instruct-fp8-fast"
        schema = typed(CLIENT.ai.models.schema.get(account_id=ACCOUNT, model=model))
        self.assertEqual(schema.input.type, "object")

    def test_tokens(self) -> None:
        self.assertEqual(CLIENT.user.tokens.verify().status, "active")


if __name__ == "__main__":
    unittest.main()
