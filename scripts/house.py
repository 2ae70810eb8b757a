"""Guards of the house rules that the compiler does not check (docs/decisions/0001)."""

import json
import pathlib
import re
import subprocess
import sys

EDGES = {
    "weir-core": set(),
    "weir-llm": {"weir-core"},
    "weir-store": {"weir-core"},
    "weir-proxy": {"weir-core", "weir-llm"},
    "weir-api": {"weir-core", "weir-llm"},
    "weir": {"weir-core", "weir-llm", "weir-store", "weir-proxy", "weir-api"},
    "weir-e2e": set(),
}
# Crates that open no socket and spawn no task may not even know how.
NO_IO = {"weir-core", "weir-llm"}
IO_CRATES = {"tokio", "hyper", "hyper-util", "axum", "rusqlite", "reqwest"}
MAX_LINES = 800
MAX_PACKAGES = 450
# Only these turn an error into a status and a body.
ERROR_EXITS = {"crates/weir-proxy/src/reply/error.rs", "crates/weir-api/src/envelope.rs"}
# Left open, or unfit for a source file.
BANNED = [
    (re.compile(r"\b(todo|unimplemented|dbg)!\("), "unfinished code"),
    (re.compile(r"#\[ignore\]"), "a test that does not run"),
]


def main() -> int:
    wrong: list[str] = []
    metadata = json.loads(
        subprocess.check_output(
            ["cargo", "metadata", "--format-version", "1", "--locked"], text=True
        )
    )
    members = set(metadata["workspace_members"])
    for package in metadata["packages"]:
        if package["id"] not in members:
            continue
        name = package["name"]
        if name not in EDGES:
            wrong.append(f"{name}: a new crate needs a decision and a line in scripts/house.py")
            continue
        used = {d["name"] for d in package["dependencies"] if d["kind"] != "dev"}
        ours = {dependency for dependency in used if dependency.startswith("weir")}
        for extra in sorted(ours - EDGES[name]):
            wrong.append(f"{name}: may not depend on {extra}")
        if name in NO_IO:
            for extra in sorted(used & IO_CRATES):
                wrong.append(f"{name}: does no IO, so it may not depend on {extra}")
    if len(metadata["packages"]) > MAX_PACKAGES:
        wrong.append(f"{len(metadata['packages'])} packages; the ceiling is {MAX_PACKAGES}")

    for path in sorted(pathlib.Path("crates").rglob("*.rs")):
        text = path.read_text()
        lines = text.count("\n")
        if lines > MAX_LINES:
            wrong.append(f"{path}: {lines} lines; the ceiling is {MAX_LINES}")
        if path.name == "mod.rs":
            wrong.append(f"{path}: write foo.rs beside foo/, never mod.rs")
        for pattern, what in BANNED:
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                wrong.append(f"{path}:{line}: {what}")
        product = re.match(r"crates/weir-(proxy|api)/src/(?!.*tests)", str(path))
        if product and str(path) not in ERROR_EXITS and '"AiGatewayError"' in text:
            wrong.append(f"{path}: only {sorted(ERROR_EXITS)} write error bodies")

    for line in wrong:
        print(line, file=sys.stderr)
    print(f"house rules: {len(wrong)} broken")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
