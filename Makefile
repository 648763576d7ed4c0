# make           set up and run the pipeline to results/report/report.html
# make test      set up and pass the tests
# make verify    does a rebuild give the published results
# make validate   does the machinery find the truth: every claim in synthetic registers in which it is true, and in which none is (half an hour)
# make check-register   every fault of the register at once, and where coding is thin
# make new-case > case.yaml; make add-case CASE=case.yaml   adds an operation, checks it and shows what it moves
# make describe   renews the data package of the register and the verdict table of the README
# make crosscheck-r   every published duration estimate beside that of R (needs R with survival and cmprsk, which nothing else does)
# make lint, make format, make lock, make benchmark (the pipeline), make benchmark-kernels (estimators beside R)   for those who change the project
#
# PY=python3.12 names another interpreter; WITHOUT_UV=1 installs with pip; CONFIG="key=value ..." changes a setting for one run.

HERE := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
PY ?= python3
RUN := $(HERE)/.venv/run/bin
CONFIG ?=
CASE ?=

.PHONY: all report test verify validate crosscheck-r check-register new-case add-case describe lint format lock benchmark benchmark-kernels setup clean

all: report

setup:
	@cd "$(HERE)" && "$(PY)" envs/install.py

report: setup
	@"$(RUN)/python" "$(HERE)/workflow/build.py" $(if $(CONFIG),--config $(CONFIG))

test: setup
	@cd "$(HERE)" && "$(RUN)/python" -m pytest -n 2 -q tests

verify: setup
	@"$(RUN)/python" "$(HERE)/workflow/verify.py"

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

lint: setup
	@cd "$(HERE)" && "$(RUN)/ruff" check . && "$(RUN)/ruff" format --check . && "$(RUN)/snakefmt" --check Snakefile workflow/rules && PATH="$(RUN):$$PATH" "$(RUN)/snakemake" --lint

format: setup
	@cd "$(HERE)" && "$(RUN)/ruff" check --fix-only . && "$(RUN)/ruff" format . && "$(RUN)/snakefmt" Snakefile workflow/rules

# Renews the locks from envs/requirements.in; needs uv and the network.
lock:
	@cd "$(HERE)/envs" && for name in requirements bootstrap; do uv pip compile -q --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate $$name.in -o $$name.lock; done
	@cd "$(HERE)" && "$(PY)" envs/conda.py

benchmark: setup
	@cd "$(HERE)" && "$(RUN)/python" benchmarks/pipeline.py

benchmark-kernels: setup
	@cd "$(HERE)" && "$(RUN)/python" benchmarks/kernels.py

clean:
	@rm -rf "$(HERE)/.venv" "$(HERE)/.snakemake"
