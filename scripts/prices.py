#!/usr/bin/env python3
"""Builds the price table from LiteLLM's list (MIT): scripts/prices.py LIST [--accept MODEL]...

LIST is `model_prices_and_context_window_backup.json` out of the `litellm` package; nothing is
downloaded here. Figures are facts taken over; the layout, form `aig-prices/1`, is our own. Rows of
`scripts/prices/checked.json` win. A row whose price differs from the present table's gets a
`valid_from`, and the old one stays with a `valid_until`, so that the table keeps its history.
"""

import argparse
import datetime
import json
import pathlib
import re
import sys
from decimal import Decimal

HERE = pathlib.Path(__file__).resolve().parent
TABLE = HERE.parent / "crates/weir-llm/src/pricing.json"
CHECKED = HERE / "prices/checked.json"
NOTE = (
    "Figures are facts, taken over from the MIT-licensed LiteLLM price table{version};"
    " the layout is this project's own."
)

# Their provider, ours, and the prefixes of their keys that are no part of the model's name. Of two
# rows with one name the one of the earlier line stays.
PROVIDERS = [
    ("openai", "openai", ["openai/"]),
    ("text-completion-openai", "openai", []),
    ("azure", "azure-openai", ["azure/"]),
    ("azure_text", "azure-openai", ["azure/"]),
    ("azure_ai", "azure-openai", ["azure_ai/"]),
    ("anthropic", "anthropic", ["anthropic/"]),
    ("gemini", "google-ai-studio", ["gemini/"]),
    ("bedrock_converse", "aws-bedrock", ["bedrock/converse/", "bedrock/"]),
    ("bedrock", "aws-bedrock", ["bedrock/"]),
    ("bedrock_mantle", "aws-bedrock", ["bedrock_mantle/"]),
    ("amazon_nova", "aws-bedrock", ["amazon_nova/"]),
    ("cloudflare", "workers-ai", ["cloudflare/"]),
    ("groq", "groq", ["groq/"]),
    ("mistral", "mistral", ["mistral/"]),
    ("codestral", "mistral", ["codestral/"]),
    ("cohere", "cohere", ["cohere/"]),
    ("cohere_chat", "cohere", ["cohere_chat/"]),
    ("deepseek", "deepseek", ["deepseek/"]),
    ("xai", "grok", ["xai/"]),
    ("perplexity", "perplexity-ai", ["perplexity/"]),
    ("openrouter", "openrouter", ["openrouter/"]),
    ("cerebras", "cerebras", ["cerebras/"]),
    ("baseten", "baseten", ["baseten/"]),
    ("parallel_ai", "parallel", ["parallel_ai/"]),
    ("fireworks_ai", "fireworks", ["fireworks_ai/"]),
    ("fireworks_ai-embedding-models", "fireworks", ["fireworks_ai/"]),
    ("replicate", "replicate", ["replicate/"]),
    ("huggingface", "huggingface", ["huggingface/"]),
    ("deepgram", "deepgram", ["deepgram/"]),
    ("elevenlabs", "elevenlabs", ["elevenlabs/"]),
    ("fal_ai", "fal", ["fal_ai/"]),
    ("minimax", "minimax", ["minimax/"]),
    ("dashscope", "alibaba", ["dashscope/"]),
]
VERTEX = ("google-vertex-ai", ["vertex_ai/"])

# A region, a commitment, a size or a quality in front of a name: no call names a model so.
VARIANT = re.compile(
    r"^(?:(?:us|us-gov|eu|global|global-standard|fast|low|medium|high|xhigh|max|auto|hd|standard|"
    r"claude_platform|converse|invoke|sagemaker|\*)/|[0-9a-z-]*\d-x-\d+/|"
    r"(?:us|eu|ap|sa|ca|me|af|il|mx)-(?:gov-)?[a-z]+-\d/|fireworks-ai-)"
)

METERS = {
    "input": ["input_cost_per_token"],
    "output": ["output_cost_per_token"],
    "cache_read": ["cache_read_input_token_cost", "input_cost_per_token_cache_hit"],
    "cache_write.default": ["cache_creation_input_token_cost"],
    "cache_write.1h": ["cache_creation_input_token_cost_above_1hr"],
    "cache_write.12h": ["cache_creation_input_token_cost_above_12hr"],
    "input_audio": ["input_cost_per_audio_token"],
    "output_audio": ["output_cost_per_audio_token"],
    "cache_read_audio": ["cache_read_input_audio_token_cost"],
    "input_image": ["input_cost_per_image_token"],
    "output_image": ["output_cost_per_image_token"],
    "cache_read_image": ["cache_read_input_image_token_cost"],
    "output_reasoning": ["output_cost_per_reasoning_token"],
}
SERVICE_TIERS = {
    "batch": "_batches", "flex": "_flex", "priority": "_priority",
    "ultrafast": "_ultrafast", "balanced": "_balanced",
}
STEPS = [32, 100, 128, 200, 256, 272, 512]
KINDS = {
    "chat": "chat", "responses": "chat", "completion": "chat", "embedding": "embedding",
    "image_generation": "image", "image_edit": "image", "audio_speech": "speech",
    "audio_transcription": "transcription", "realtime": "realtime", "rerank": "rerank",
    "video_generation": "video", "search": "search", "ocr": "ocr", "moderation": "moderation",
}
CAPABILITIES = {
    "vision": "supports_vision",
    "tools": "supports_function_calling",
    "parallel_tools": "supports_parallel_function_calling",
    "native_json_schema": "supports_native_structured_output",
    "reasoning": "supports_reasoning",
    "pdf_input": "supports_pdf_input",
    "audio_input": "supports_audio_input",
    "audio_output": "supports_audio_output",
    "web_search": "supports_web_search",
    "assistant_prefill": "supports_assistant_prefill",
    "sampling_params": "supports_sampling_params",
    "forced_tool_choice": "supports_forced_tool_use",
    "thinking_adaptive": "supports_adaptive_thinking",
    "thinking_always_on": "thinking_always_on",
    "mid_conversation_system": "supports_mid_conversation_system",
    "effort_none": "supports_none_reasoning_effort",
    "effort_minimal": "supports_minimal_reasoning_effort",
    "effort_xhigh": "supports_xhigh_reasoning_effort",
    "effort_max": "supports_max_reasoning_effort",
}
# Chat models that really charge less for output than for input, by a part of their name.
CHEAP_OUTPUT = re.compile(
    r"guard|moderation|embed|rerank|ocr|translate|transcribe|whisper|parse|scribe|safeguard|voice"
)
PRICES = ["per_million_tokens", "tiers", "service_tiers", "per_unit", "off_peak"]
ORDER = [
    "provider", "model", "aliases", "kind", "valid_from", "valid_until", "per_million_tokens",
    "tiers", "service_tiers", "off_peak", "per_unit", "limits", "capabilities", "deprecation_date",
]


def text(number: Decimal) -> str:
    """A figure without exponent and without zeros that say nothing."""
    shown = format(number, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def figure(row: dict, key: str) -> Decimal | None:
    """A positive figure; nought stands for "not charged" and for "not known" alike there."""
    value = row.get(key)
    if not isinstance(value, (int, Decimal)) or isinstance(value, bool) or value == 0:
        return None
    return Decimal(value)


def rates(row: dict, suffix: str) -> dict:
    """The rates for a million tokens whose keys end so."""
    found: dict = {}
    for meter, keys in METERS.items():
        value = next((v for key in keys if (v := figure(row, key + suffix)) is not None), None)
        if value is None:
            continue
        # Twelve significant digits wash out what binary fractions left behind.
        shown = text(Decimal(f"{value * 1_000_000:.12g}"))
        name, _, life = meter.partition(".")
        if life:
            found.setdefault(name, {})[life] = shown
        else:
            found[name] = shown
    return found


def steps(row: dict, tier: str) -> list:
    found = []
    for size in STEPS:
        listed = rates(row, f"_above_{size}k_tokens{tier}")
        if listed:
            found.append({"above_input_tokens": size * 1000, "per_million_tokens": listed})
    return found


def listed_steps(row: dict) -> tuple[dict, list]:
    """Steps in the other form: a list of ranges."""
    first, rest = {}, []
    for tier in row.get("tiered_pricing") or []:
        above = int(tier["range"][0])
        listed = rates(tier, "")
        if above == 0:
            first = listed
        elif listed:
            rest.append({"above_input_tokens": above, "per_million_tokens": listed})
    return first, rest


def units(row: dict, kind: str) -> dict:
    found = {}

    def put(name: str, *keys: str) -> None:
        value = next((v for key in keys if (v := figure(row, key)) is not None), None)
        if value is not None:
            found[name] = text(Decimal(f"{value:.12g}"))

    if kind == "transcription":
        # Both sides carry the one price of the audio that goes in.
        put("per_second_in", "input_cost_per_second", "output_cost_per_second",
            "input_cost_per_audio_per_second", "cost_per_second")
    elif kind == "video":
        put("per_second_out", "output_cost_per_second", "output_cost_per_video_per_second",
            "cost_per_second")
    elif kind == "image":
        put("per_image_out", "output_cost_per_image", "input_cost_per_image")
        put("per_second_out", "output_cost_per_second", "cost_per_second")
    else:
        put("per_second_in", "input_cost_per_second", "input_cost_per_audio_per_second")
        put("per_second_out", "output_cost_per_second")
        put("per_image_in", "input_cost_per_image")
        put("per_image_out", "output_cost_per_image")
    put("per_character_in", "input_cost_per_character")
    put("per_character_out", "output_cost_per_character")
    put("per_query", "input_cost_per_query")
    put("per_request", "input_cost_per_request")
    put("per_page", "ocr_cost_per_page")
    sizes = row.get("search_context_cost_per_query") or {}
    search = {}
    for size in ("low", "medium", "high"):
        value = figure(sizes, f"search_context_size_{size}")
        if value is not None:
            search[size] = text(value)
    if search:
        found["per_search"] = search
    return found


def capabilities(row: dict, provider: str, model: str) -> dict:
    found = {}
    for name, key in CAPABILITIES.items():
        if isinstance(row.get(key), bool):
            found[name] = row[key]
    levels = row.get("reasoning_effort_levels")
    if levels:
        for level in ("none", "minimal", "xhigh", "max"):
            found[f"effort_{level}"] = level in levels
    # For Claude that flag also stands for schemas that are acted out with a tool.
    if "native_json_schema" not in found and "claude" not in model:
        if isinstance(row.get("supports_response_schema"), bool):
            found["native_json_schema"] = row["supports_response_schema"]
    return found


def convert(row: dict, provider: str, model: str) -> dict | None:
    kind = KINDS.get(row.get("mode") or "chat")
    if kind is None:
        return None
    out = {"provider": provider, "model": model, "kind": kind}
    plain = rates(row, "")
    first, ranges = listed_steps(row)
    out["per_million_tokens"] = plain or first
    out["tiers"] = steps(row, "") or ranges
    tiers = {}
    for name, suffix in SERVICE_TIERS.items():
        schedule = {"per_million_tokens": rates(row, suffix), "tiers": steps(row, suffix)}
        schedule = {key: value for key, value in schedule.items() if value}
        if schedule:
            tiers[name] = schedule
    out["service_tiers"] = tiers
    off_peak = row.get("off_peak_pricing")
    if off_peak:
        out["off_peak"] = {
            "per_million_tokens": rates(off_peak, ""),
            "windows_utc": off_peak["windows"],
        }
        if off_peak.get("weekday_timezone") == "Asia/Shanghai":
            out["off_peak"]["weekday_offset_hours"] = 8
    out["per_unit"] = units(row, kind)
    limits = {"context": row.get("max_input_tokens"), "output": row.get("max_output_tokens")}
    out["limits"] = {
        key: value for key, value in limits.items() if isinstance(value, int) and value > 0
    }
    out["capabilities"] = capabilities(row, provider, model)
    date = row.get("deprecation_date")
    if isinstance(date, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", date):
        out["deprecation_date"] = date
    return {key: value for key, value in out.items() if value}


def name_of(key: str, prefixes: list[str]) -> str | None:
    name = next((key.removeprefix(p) for p in prefixes if key.startswith(p)), key)
    return None if VARIANT.match(name) or not name else name


def read_list(listing: dict) -> tuple[dict, int]:
    """Rows by provider and model; and how many of ours had no price."""
    known = {theirs: (slug, prefixes) for theirs, slug, prefixes in PROVIDERS}
    rank = {theirs: place for place, (theirs, _, _) in enumerate(PROVIDERS)}
    rows: dict = {}
    priceless = 0
    for key, row in sorted(listing.items(), key=lambda item: rank.get(item[1].get("litellm_provider"), 99)):
        theirs = row.get("litellm_provider") or ""
        slug, prefixes = VERTEX if theirs.startswith("vertex_ai") else known.get(theirs, (None, []))
        model = name_of(key, prefixes) if slug else None
        if model is None:
            continue
        converted = convert(row, slug, model)
        if converted is None or not any(key in converted for key in PRICES):
            priceless += 1
            continue
        rows.setdefault((slug, model), converted)
    return rows, priceless


def overlay(rows: dict, checked: list) -> None:
    for row in checked:
        name = (row["provider"], row["model"])
        under = rows.get(name, {})
        merged = {**{k: v for k, v in under.items() if k not in PRICES}, **row}
        merged["capabilities"] = {**under.get("capabilities", {}), **row.get("capabilities", {})}
        if not merged["capabilities"]:
            del merged["capabilities"]
        for step in merged.get("tiers", []):
            step.pop("applies_to", None)
        for tier in merged.get("service_tiers", {}).values():
            for step in tier.get("tiers", []):
                step.pop("applies_to", None)
        rows[name] = merged


def aliases(rows: dict) -> None:
    """Vertex is called with and without the publisher in front of a model's name."""
    for (provider, model), row in rows.items():
        if provider == "google-vertex-ai" and "/" in model:
            short = model.rsplit("/", 1)[1]
            if (provider, short) not in rows:
                row["aliases"] = [short]


def dedupe(rows: dict) -> None:
    """A long name and its last part with one and the same row are one model: the gateway looks for
    both."""
    for provider, model in list(rows):
        if "models/" not in model:
            continue
        short = (provider, model.rsplit("models/", 1)[1])
        if short in rows:
            same = {k: v for k, v in rows[short].items() if k != "model"}
            if same == {k: v for k, v in rows[provider, model].items() if k != "model"}:
                del rows[short]


def priced(row: dict) -> dict:
    return {key: row[key] for key in PRICES if key in row}


def wrong(row: dict) -> list[str]:
    found = []

    def walk(value, path: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key not in ("windows_utc", "above_input_tokens", "weekday_offset_hours"):
                    walk(inner, f"{path}.{key}")
        elif isinstance(value, list):
            for inner in value:
                walk(inner, path)
        elif isinstance(value, str) and Decimal(value) <= 0:
            found.append(f"{path} is not positive")

    for key in PRICES:
        walk(row.get(key), key)
    listed = row.get("per_million_tokens", {})
    if row["kind"] == "chat" and {"input", "output"} <= listed.keys():
        if Decimal(listed["output"]) < Decimal(listed["input"]):
            if not CHEAP_OUTPUT.search(row["model"].lower()):
                found.append(f"output {listed['output']} costs less than input {listed['input']}")
    return found


def leap(old: dict, new: dict) -> str | None:
    """The meter that changed five-fold, if one did."""
    for meter in ("input", "output", "cache_read"):
        one = old.get("per_million_tokens", {}).get(meter)
        other = new.get("per_million_tokens", {}).get(meter)
        if one and other and not Decimal("0.2") < Decimal(other) / Decimal(one) < 5:
            return f"{meter} goes from {one} to {other}"
    return None


def with_history(rows: dict, present: list, as_of: str) -> list:
    """The new rows, before each the former ones with other prices, and what the list no longer has:
    calls of a model may outlive its row there."""
    former: dict = {}
    for row in present:
        former.setdefault((row["provider"], row["model"]), []).append(row)
    out = []
    for name, row in rows.items():
        old = former.get(name, [])
        out.extend(past for past in old if "valid_until" in past)
        current = next((past for past in old if "valid_until" not in past), None)
        if current is not None:
            if priced(current) == priced(row):
                if "valid_from" in current:
                    row["valid_from"] = current["valid_from"]
            else:
                out.append({**current, "valid_until": as_of})
                row["valid_from"] = as_of
        out.append(row)
    for name in former.keys() - rows.keys():
        out.extend(former[name])
    out.sort(key=lambda row: (row["provider"], row["model"], row.get("valid_from", "")))
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("list", type=pathlib.Path)
    parser.add_argument("--version", default="", help="version of the litellm package")
    parser.add_argument("--as-of", default=datetime.date.today().isoformat(), metavar="DATE")
    parser.add_argument("--accept", action="append", default=[], metavar="PROVIDER/MODEL")
    parser.add_argument("--from-scratch", action="store_true", help="keep no history")
    options = parser.parse_args()

    listing = json.loads(options.list.read_text(), parse_float=Decimal)
    rows, priceless = read_list(listing)
    overlay(rows, json.loads(CHECKED.read_text())["models"])
    dedupe(rows)
    aliases(rows)
    present = [] if options.from_scratch else json.loads(TABLE.read_text())["models"]
    before = {(r["provider"], r["model"]): r for r in present if "valid_until" not in r}

    refused, dropped = [], []
    for name in sorted(rows):
        full = "/".join(name)
        faults = wrong(rows[name])
        if faults and full not in options.accept:
            dropped.append(f"{full}: {'; '.join(faults)}")
            del rows[name]
        elif name in before and full not in options.accept:
            change = leap(before[name], rows[name])
            if change:
                refused.append(f"{full}: {change}")
    for line in dropped:
        print(f"left out: {line}", file=sys.stderr)
    for line in refused:
        print(f"refused, a change of five times or more needs --accept: {line}", file=sys.stderr)
    if refused:
        return 1

    out = with_history(dict(sorted(rows.items())), present, options.as_of)
    head = {
        "schema": "aig-prices/1",
        "currency": "USD",
        "as_of": options.as_of,
        "licence_note": NOTE.format(version=f" ({options.version})" if options.version else ""),
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    models = [
        json.dumps({key: row[key] for key in ORDER if key in row}, separators=(",", ":"))
        for row in out
    ]
    TABLE.write_text("{\n" + "\n".join(lines) + '\n"models": [\n' + ",\n".join(models) + "\n]\n}\n")
    print(f"{len(out)} rows; {len(dropped)} left out, {priceless} without a price")
    return 0


if __name__ == "__main__":
    sys.exit(main())
