# One word for each job. `make help` lists them.

CARGO   ?= cargo

.DEFAULT_GOAL := help
.PHONY: help run check test lint unit e2e clients licences vectors bench bless fuzz

help: ## List the jobs
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: ## Build and start the gateway with simulated providers; prints a curl to try
	$(CARGO) run --quiet -p weir -- serve --simulate

check: ## Format, lints and types; the quick look before a commit
	$(CARGO) fmt --all --check
	python3 scripts/house.py
	$(CARGO) clippy --workspace --all-targets --quiet -- -D warnings

test: check licences unit e2e ## Everything that CI runs

unit: ## Unit and contract tests
	./scripts/nextest --workspace --exclude weir-e2e

e2e: ## Build the binary and test it as a stranger would: vectors, scripted upstreams, real clients
	$(CARGO) build --quiet -p weir
	./scripts/nextest -p weir-e2e

clients: ## Only the suites of real clients (npm, PyPI), and the packages of clients/
	cd clients/ai-gateway-binding && npm test
	$(CARGO) build --quiet -p weir
	./scripts/nextest -p weir-e2e --test e2e clients

licences: ## Licences, and advisories where the index can be reached
	./scripts/licences

vectors: ## Conformance vectors; WEIR_VECTORS=FILE for others, AREA=a,b to choose
	$(CARGO) build --quiet -p weir
	$(CARGO) run --quiet -p weir-e2e --bin weir-vectors

bench: ## Measure: weir, a bare proxy and nginx (when installed) side by side; BENCH=--quick
	$(CARGO) build --release -p weir
	$(CARGO) build --release -p weir-e2e --bin weir-bench
	target/release/weir-bench --weir target/release/weir $(BENCH)

bless: ## Rewrite golden files and openapi.json from what the code does now; look at the diff
	WEIR_BLESS=1 $(CARGO) test --quiet -p weir-llm -p weir-api

fuzz: ## Fuzz the parsers for a minute each (needs nightly and cargo-fuzz); TIME=seconds
	./scripts/fuzz $(TIME)
