# make           set up and run the pipeline to results/report/report.html
# make test      set up and pass the tests
# make verify    does a rebuild give the published results
# make verdicts   only the verdicts, and what moved in them; SCOPE=broad and CONFIG="..." ask what if, in a folder of their own
# make compare BASE=revision   which estimates and verdicts moved since a revision (default HEAD), and why; MARKDOWN=1 for a change request
# make notebooks opens the notebooks in JupyterLab, with the libraries of the lock (the first time installs JupyterLab beside them)
# make validate   does the machinery find the truth: every claim in synthetic registers in which it is true, and in which none is (half an hour)
# make check-register   every fault of the register at once, and where coding is thin
# make new-case > case.yaml; make add-case CASE=case.yaml   adds an operation, checks it and shows what it moves
# make describe   renews the data package of the register, the verdict table of the README and the numbers of LIMITATIONS.md
# make archive    brings the results up to date and packs the replication archive, archive/variable-geometry-<version>.zip
# make crosscheck-r   every published duration estimate beside that of R (needs R with survival and cmprsk, which nothing else does)
# make check-page   the published pages in a browser: how fast they open, what an accessibility checker says (needs Chromium, node and npm, which nothing else does)
# make lint, make format, make lock, make benchmark (the pipeline), make benchmark-kernels (estimators beside R)   for those who change the project
#
# PY=python3.12 names another interpreter; WITHOUT_UV=1 installs with pip; CONFIG="key=value ..." changes a setting for one run.

HERE := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
PY ?= python3
RUN := $(HERE)/.venv/run/bin
CONFIG ?=
CASE ?=
SCOPE ?=
BASE ?= HEAD
MARKDOWN ?=
JUPYTER ?=

.PHONY: all report test verify verdicts compare validate notebooks crosscheck-r check-page check-register new-case add-case describe archive lint format lock benchmark benchmark-kernels setup clean

all: report

setup:
	@cd "$(HERE)" && "$(PY)" envs/install.py

report: setup
	@"$(RUN)/python" "$(HERE)/workflow/build.py" $(if $(CONFIG),--config $(CONFIG))

test: setup
	@cd "$(HERE)" && "$(RUN)/python" -m pytest -n 2 -q tests

verify: setup
	@"$(RUN)/python" "$(HERE)/workflow/verify.py"

verdicts: setup
	@"$(RUN)/python" "$(HERE)/workflow/verdicts.py" $(if $(SCOPE),--scope "$(SCOPE)") $(if $(CONFIG),--config $(CONFIG))

compare: setup
	@"$(RUN)/python" "$(HERE)/workflow/compare_results.py" "$(BASE)" $(if $(MARKDOWN),--markdown) $(if $(CONFIG),--config $(CONFIG))

# Jupyter asks nobody for news, updates or extensions: once installed, it needs no network. JUPYTER names other options, such as --no-browser.
notebooks:
	@cd "$(HERE)" && "$(PY)" envs/install.py --notebooks
	@cd "$(HERE)/notebooks" && JUPYTER_PATH="$(HERE)/.venv/jupyter/share/jupyter" "$(HERE)/.venv/jupyter/bin/jupyter-lab" --LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.extension_manager=readonly $(JUPYTER)

validate: setup
	@"$(RUN)/python" "$(HERE)/workflow/validate.py"

crosscheck-r: setup
	@"$(RUN)/python" "$(HERE)/workflow/crosscheck_r.py"

check-register: setup
	@cd "$(HERE)" && "$(RUN)/python" workflow/check_register.py

new-case: setup
	@"$(RUN)/python" "$(HERE)/workflow/add_case.py" --template

add-case: setup
	@"$(RUN)/python" "$(HERE)/workflow/add_case.py" "$(CASE)"

describe: setup
	@cd "$(HERE)" && "$(RUN)/python" workflow/describe.py

archive: report
	@cd "$(HERE)" && "$(RUN)/python" workflow/archive.py

lint: setup
	@cd "$(HERE)" && "$(RUN)/ruff" check . && "$(RUN)/ruff" format --check . && "$(RUN)/snakefmt" --check Snakefile workflow/rules && PATH="$(RUN):$$PATH" "$(RUN)/snakemake" --lint

format: setup
	@cd "$(HERE)" && "$(RUN)/ruff" check --fix-only . && "$(RUN)/ruff" format . && "$(RUN)/snakefmt" Snakefile workflow/rules

# Renews the locks from envs/requirements.in; needs uv and the network.
lock:
	@cd "$(HERE)/envs" && for name in requirements bootstrap notebooks; do uv pip compile -q --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate $$name.in -o $$name.lock; done
	@cd "$(HERE)" && "$(PY)" envs/conda.py

benchmark: setup
	@cd "$(HERE)" && "$(RUN)/python" benchmarks/pipeline.py

benchmark-kernels: setup
	@cd "$(HERE)" && "$(RUN)/python" benchmarks/kernels.py

check-page:
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && cd "$$folder" && npm install --no-save --no-audit --no-fund --silent axe-core@4.14.1 puppeteer-core@24.43.1 && PAGES="$(HERE)/results/report" && node "$(HERE)/benchmarks/page.mjs" "$$PAGES/report.html" "$$PAGES/explorer.html" "$$PAGES/explorer.html#tables" "$$PAGES/explorer.html#op-untso-1948"

clean:
	@rm -rf "$(HERE)/.venv" "$(HERE)/.snakemake"
