# Parley's commands; `make help` prints them. All of them prepare what they need by themselves.
# Each is a few words: what it does stands in scripts/, which CI and the Dockerfile use too.

.DEFAULT_GOAL := help
.PHONY: help run test chaos bench check fix lock embed clean
MAKEFLAGS += --no-print-directory
# Recipes run in this folder, whatever its name is; spaces in it do no harm.
PY := scripts/python

help: ## Print this.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 14

run: ## Serve the demo: article, console, API. PORT=… and HOST=… choose where, ARGS=… goes to `parley demo`.
	@$(PY) scripts/environment.py run && $(PY) scripts/embed.py && \
	exec .venv/bin/parley demo $(if $(PORT),--port $(PORT)) $(if $(HOST),--host $(HOST)) $(ARGS)

test: ## Run all tests on real servers, both floors, and in a browser. ARGS=… goes to pytest.
	@$(PY) scripts/test.py $(ARGS)

chaos: ## Kill server, worker, PostgreSQL and Redis 50 times under load and compare, on both floors. KILLS=… POSTS=… SEED=…
	@$(PY) scripts/environment.py dev && $(PY) scripts/embed.py && \
	PARLEY_KILLS=$(or $(KILLS),50) PARLEY_POSTS=$(or $(POSTS),10000) PARLEY_SEED=$(or $(SEED),20261125) \
	PARLEY_REQUESTS=$(or $(REQUESTS),10000) PARLEY_ALL_IDS=1 \
	.venv/bin/python -m pytest tests/chaos/test_storm.py tests/chaos/test_oracle.py tests/chaos/test_faults.py \
	tests/chaos/test_disk_full.py tests/chaos/test_migrating.py tests/chaos/test_old_code.py tests/chaos/test_wrong_clock.py \
	tests/chaos/test_listeners.py tests/chaos/test_log_privacy.py tests/contract/test_ids.py \
	tests/browser/test_corpus.py -q -s

bench: ## Measure beside nginx and Isso, write docs/performance.md; some 25 minutes. ARGS="--quick", ARGS="hot_page …".
	@$(PY) scripts/environment.py dev && $(PY) scripts/embed.py && .venv/bin/python -m benchmarks $(ARGS)

check: ## Look at format, lint, types, directions, migrations, documents, containers.
	@$(PY) scripts/check.py

fix: ## Format, and mend what lint can mend.
	@$(PY) scripts/environment.py dev && .venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format . && \
	.venv/bin/python scripts/write_docs.py

lock: ## Write the lock files anew from pyproject.toml and embed/package.json.
	@$(PY) scripts/lock.py

embed: ## Build the embed when its sources have changed.
	@$(PY) scripts/environment.py run && $(PY) scripts/embed.py

clean: ## Remove what was built and installed; the data in var/ stays.
	rm -rf .venv embed/node_modules service/static dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
