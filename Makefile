# `make` alone lists the targets. Everything works on Debian 12 as root with rustup, git and make.

CARGO ?= cargo
# Queries are checked against the committed .sqlx; no database is needed to build.
export SQLX_OFFLINE := true

TARGET_DIR = $(or $(CARGO_TARGET_DIR),target)
EZW = $(TARGET_DIR)/debug/ezw
EZW_RELEASE = $(TARGET_DIR)/release/ezw
HAVE_NEXTEST = $(shell command -v cargo-nextest 2>/dev/null)
# T=name runs the tests whose name contains it.
ifneq ($(HAVE_NEXTEST),)
TEST = $(CARGO) nextest run --workspace --no-fail-fast $(T)
else
TEST = $(CARGO) test --workspace --no-fail-fast -- $(T)
endif

.DEFAULT_GOAL := help
.PHONY: help setup-run run test test-without-hints storm soak chaos-sends chaos-failpoints chaos-cutoffs chaos-nodes bench bench-blast versions keep-release demo setup build fmt lint docs deny ci clean sqlx-prepare

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup-run build ## Start everything on this machine; Ctrl-C stops it
	exec $(EZW) dev

demo: build ## Walk through the environment that `make run` started, step by step
	$(EZW) dev demo

# All targets at once: with the features of the tests, so that the tests don't link the programs a second time.
test: setup ## Run all tests (T=name for some) beside a throw-away PostgreSQL and Redis
	$(CARGO) build --workspace --all-targets
	$(EZW) dev exec -- $(TEST)

test-without-hints: ## Run all tests with nodes that neither ring each other nor see a death at once
	EZW_TEST_NODE_HINTS=false $(MAKE) test

storm: ## 2,000 lines lose their sockets at once, at the default connect budget (five minutes)
	EZW_TEST_STORM_LINES=$(or $(EZW_TEST_STORM_LINES),2000) EZW_TEST_STORM_RATE=$(or $(EZW_TEST_STORM_RATE),20) \
	$(MAKE) test T=a_fleet_dropped_at_once

# A fresh seed each time; EZW_TEST_SEED runs an old one again. 10,000 runs take an hour, a million lives some minutes.
# Time runs six times faster there (EZW_TEST_SOAK_SPEED): a build beside it is a silence for healthy lines too.
soak: ## 10,000 false greens (EZW_TEST_SOAK_RUNS) and a million lives of the machine (EZW_TEST_SOAK)
	EZW_TEST_SEED=$(or $(EZW_TEST_SEED),$(shell date +%s)) EZW_TEST_SOAK_RUNS=$(or $(EZW_TEST_SOAK_RUNS),10000) \
	EZW_TEST_SOAK=$(or $(EZW_TEST_SOAK),1000000) $(MAKE) test T="keeps_its_laws after_any_life silence_is_never_green"

chaos-cutoffs: ## 10,000 requests cut off at random moments while the database is slow (EZW_TEST_CUTOFFS, EZW_TEST_SEED)
	EZW_TEST_CUTOFFS=$(or $(EZW_TEST_CUTOFFS),10000) $(MAKE) test T=requests_that_are_cut_off

# Real deadlines and real leases, so a quarter of an hour for each of the two runs. A fresh seed each time, printed first;
# EZW_TEST_SEED draws an old one's kills and pauses again.
chaos-sends: ## 30 kills of the service and 5 of PostgreSQL under load, repeats dropped and shown (half an hour)
	EZW_TEST_SEED=$(or $(EZW_TEST_SEED),$(shell date +%s)) EZW_TEST_CHAOS_KILLS=$(or $(EZW_TEST_CHAOS_KILLS),30) \
	EZW_TEST_CHAOS_POSTGRES_KILLS=$(or $(EZW_TEST_CHAOS_POSTGRES_KILLS),5) $(MAKE) test T="replies_under_kills --nocapture"

chaos-failpoints: ## 20 deaths at each named instruction of a reply's way, repeats dropped and shown (40 minutes)
	EZW_TEST_SEED=$(or $(EZW_TEST_SEED),$(shell date +%s)) EZW_TEST_CHAOS_EACH=$(or $(EZW_TEST_CHAOS_EACH),20) \
	$(MAKE) test T="a_kill_at_any_point --nocapture"

# Real time: killed (with hints and without), frozen, cut off in five ways, PostgreSQL away, rolling restarts, failovers.
chaos-nodes: ## Three nodes over one PostgreSQL: 60 kills, 10 freezes, cuts, an outage, 5 rolling restarts, 2 failovers (45 minutes)
	EZW_TEST_SEED=$(or $(EZW_TEST_SEED),$(shell date +%s)) EZW_TEST_CHAOS_NODES=1 \
	$(MAKE) test T="lines_of_a_killed_node a_node_that a_postgres_that_is_away rolling_restarts standby_that_takes_over --nocapture"

# Built as a release is, which takes its time the first time; with nothing beside it.
bench: setup ## Health against a bare actix-web, accepting a reply against pgbench (three minutes; EZW_TEST_BENCH_LINES)
	$(CARGO) build --workspace --release
	$(EZW_RELEASE) dev exec -- $(CARGO) bench --workspace --profile release --bench speed

bench-blast: setup ## What panics in 50 of 500 lines cost the others (some seven minutes)
	$(CARGO) build --workspace --all-targets
	$(EZW) dev exec -- $(CARGO) bench --workspace --profile dev --bench blast_radius

PREVIOUS = $(shell sed -n 's/.*"commit": "\(.*\)".*/\1/p' tests/versions/previous/release.json)

# Builds the previous release too, some minutes the first time. EZW_TEST_SEED draws an old run's kills and pauses again.
versions: setup ## A rolling restart from the previous release to this one and back, under load, with kills (some minutes)
	$(CARGO) build --workspace --all-targets
	place=$$(scripts/build-release.sh $(PREVIOUS)) && EZW_TEST_PREVIOUS="$$place" \
	EZW_TEST_SEED=$(or $(EZW_TEST_SEED),$(shell date +%s)) \
	$(EZW) dev exec -- $(CARGO) bench --workspace --profile dev --bench versions -- fleet

keep-release: setup ## Keep the rows and queries of a release (COMMIT=, the current one) for the tests of the next
	$(CARGO) build --workspace --all-targets
	place=$$(scripts/build-release.sh $(or $(COMMIT),HEAD)) && EZW_TEST_PREVIOUS="$$place" \
	$(EZW) dev exec -- $(CARGO) bench --workspace --profile dev --bench versions -- keep

setup: ## Install PostgreSQL and Redis programs when missing (Debian, root)
	@scripts/setup.sh

# Servers that are given by DATABASE_URL and REDIS_URL need not be installed.
setup-run:
	@scripts/setup.sh run

build:
	$(CARGO) build --workspace

fmt: ## Format the code
	$(CARGO) fmt --all

lint: ## Check format and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

docs: ## Build the documentation; a broken link fails
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

deny: ## Check licences, sources, bans and, when reachable, advisories
	@.ci/deny
	@.ci/deny advisories || [ $$? -eq 3 ]

sqlx-prepare: setup ## Describe changed queries anew in .sqlx
	@scripts/sqlx-prepare.sh

ci: ## Everything the CI does
	@.ci/run

clean: ## Delete build results and the development data
	$(CARGO) clean
	rm -rf .ezw
