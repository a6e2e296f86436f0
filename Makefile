# Every command works as the first one on a fresh clone with python3 and pip.
PY := .venv/bin/python
PORT ?= 8000

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/.run: requirements/run.txt pyproject.toml
	@test -x $(PY) || python3 -m venv --without-pip .venv
	@python3 -m pip --python $(PY) install -q --require-hashes -r requirements/run.txt
	@python3 -m pip --python $(PY) install -q --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.run
	@python3 -m pip --python $(PY) install -q --require-hashes -r requirements/dev.txt
	@touch $@

setup: .venv/.run ## make .venv/bin/upheld

demo: .venv/.run ## seed the demo store and serve it at http://127.0.0.1:8000 (PORT= moves it)
	@exec .venv/bin/upheld demo --port $(PORT)

test: .venv/.dev ## every test, on SQLite and then on PostgreSQL
	@$(PY) -m pytest tests -n 3 --dist loadfile
	@$(PY) -m tests.on_postgresql

test-deep: .venv/.dev ## the slow batteries, and the stories in the browser on PostgreSQL too (hours)
	@$(PY) -m pytest tests -m deep
	@$(PY) -m tests.on_postgresql --deep

bench: .venv/.dev ## what the store costs, as ratios within one run (about five minutes)
	@$(PY) -m bench

check: .venv/.dev ## lint, types, layers
	@.venv/bin/ruff check src tests bench examples
	@.venv/bin/ruff format --check src tests bench examples
	@.venv/bin/mypy
	@.venv/bin/lint-imports

screenshots: .venv/.dev ## draw docs/screenshots/ anew from the running demo
	@$(PY) -m tests.draw_screenshots

snapshots: .venv/.dev ## write docs/data_map.md and tests/snapshots/ anew, to be read as a diff
	@$(PY) -m tests.house.generated

lock: ## write requirements/*.txt anew
	@uv pip compile -q --generate-hashes --universal --python-version 3.11 requirements/run.in -o requirements/run.txt
	@uv pip compile -q --generate-hashes --universal --python-version 3.11 requirements/dev.in -o requirements/dev.txt

.PHONY: help setup demo test test-deep bench check screenshots snapshots lock
