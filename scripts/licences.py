"""Fails when a dependency's licence is not one that this project may carry."""

import json
import re
import sys

ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause",
    "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "OpenSSL", "Unicode-3.0", "Unlicense", "Zlib",
}


def permitted(expression: str) -> bool:
    """Whether an SPDX expression can be satisfied with permitted licences only."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))

    def alternatives(at):
        value, at = conjunction(at)
        while at < len(tokens) and tokens[at] == "OR":
            other, at = conjunction(at + 1)
            value = value or other
        return value, at

    def conjunction(at):
        value, at = licence(at)
        while at < len(tokens) and tokens[at] == "AND":
            other, at = licence(at + 1)
            value = value and other
        return value, at

    def licence(at):
        if tokens[at] == "(":
            value, at = alternatives(at + 1)
            return value, at + 1
        name = tokens[at]
        if at + 2 < len(tokens) and tokens[at + 1] == "WITH":
            return f"{name} WITH {tokens[at + 2]}" in ALLOWED, at + 3
        return name in ALLOWED, at + 1

    return alternatives(0)[0]


def main() -> int:
    packages = json.load(sys.stdin)["packages"]
    wrong = [
        f"{package['name']} {package['version']}: {package['license']}"
        for package in packages
        if not permitted(package["license"] or "none")
    ]
    for line in wrong:
        print(f"licence not permitted: {line}", file=sys.stderr)
    print(f"licences of {len(packages)} packages checked")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
