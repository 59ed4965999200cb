# make demo: set up and see it work.  make test: set up what the tests need and run all but the slow ones.
PYTHON ?= python3
VENV := .venv
JOBS ?= auto
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif

.DEFAULT_GOAL := help
.PHONY: help demo test test-all coverage check wheel try-wheel deb try-deb try-bare report bench soak mutants template calibrate sitters lock clean

help:
	@echo "make demo   set up and run the main job on the clip that ships with the package"
	@echo "make test   set up what the tests need and run all but the slow ones"
	@echo "make test-all  run every test, as .ci/run does, and see that the tests of pure modules reach every branch of them"
	@echo "make coverage  the last of that alone"
	@echo "make check  format, lint, types, layers, spelling"
	@echo "make wheel  build the distributions into dist/ and check them"
	@echo "make try-wheel  install the wheel elsewhere and use it"
	@echo "make deb    pack the wheel with all it needs for Debian or Ubuntu, as they are on this machine"
	@echo "make try-deb  as root: make, install, use and purge it on bare Debian systems"
	@echo "make try-bare  as root: time and megabytes from nothing to the first verdict on bare Debian systems"
	@echo "make report  licences of what is installed, and its known weaknesses"
	@echo "make bench  figures for speed and cost"
	@echo "make soak   watch a clip for ten minutes and see that memory, files and threads stay level"
	@echo "make mutants  put small faults into the pure modules for an hour at most and show those that no test sees"
	@echo "make template  collect every sentence that can be translated in build/posturecam.pot"
	@echo "make calibrate  fit the angle model and make its study anew, from the pictures in ../shared"
	@echo "make sitters  render sitters that the tables of the study do not hold yet, and add them"
	@echo "make lock   take the newest allowed versions into requirements/"

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "posturecam needs Python 3.11 or newer; try: make demo PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m posturecam.base.platforms
	@$(PYTHON) -m posturecam.pose.system_libraries
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run: $(VENV)/python requirements/run.txt pyproject.toml
	@echo "Getting 530 MB of packages into $(VENV): some minutes the first time"
	$(BIN)/python -m pip install $(if $(CI),--quiet) --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: $(VENV)/run requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/audit: $(VENV)/run requirements/audit.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/audit.txt
	@touch $@

demo: $(VENV)/run
	$(BIN)/posturecam demo

test: $(VENV)/dev
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "not slow"

test-all: $(VENV)/dev
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --cov

coverage: $(VENV)/dev
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --cov -m "not model and not slow" $$($(BIN)/python -m tests.purity)

check: $(VENV)/dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/mypy --platform darwin
	$(BIN)/mypy --platform win32 posturecam
	$(BIN)/lint-imports
	$(BIN)/codespell posturecam tests calibration docs README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md

wheel: $(VENV)/dev
	rm -rf dist build/share
	$(BIN)/python .ci/shared_files.py build
	$(BIN)/python -m build --no-isolation --outdir dist >/dev/null
	rm -r build/share
	$(BIN)/check-wheel-contents dist

try-wheel:
	PYTHON=$(abspath $(BIN))/python .ci/try-wheel

deb:
	.ci/deb

try-deb: $(VENV)/dev
	.ci/try-deb

try-bare: $(VENV)/dev
	.ci/try-bare

report: $(VENV)/run $(VENV)/audit
	$(BIN)/python .ci/licences.py
	@$(BIN)/pip-audit --requirement requirements/run.txt --require-hashes --disable-pip --progress-spinner off 2>/dev/null || \
		echo "Audit: weaknesses stand above; where none do, their database could not be asked"

bench: $(VENV)/dev
	$(BIN)/python -m tests.benchmarks

soak: $(VENV)/dev
	$(BIN)/python -m tests.soak

# A few faults of each module, an hour at most. MODULES="alerts.policy posture.state" for all faults of some of them, SAMPLE=50 for so
# many of each (0 for all), SEED=2 for others, JOBS=4 modules at a time.
mutants: $(VENV)/dev
	$(BIN)/python -m tests.mutants $(MODULES) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) --jobs $(if $(filter auto,$(JOBS)),1,$(JOBS))

template: $(VENV)/dev
	@mkdir -p build
	$(BIN)/python -m babel.messages.frontend --quiet extract --mapping-file pyproject.toml --keywords plural:1,2 --keywords CareText:1 --keywords Sentence:1 --project posturecam --output build/posturecam.pot posturecam

SHARED ?= ../shared

calibrate: $(VENV)/dev
	$(BIN)/python calibration/fit.py
	$(BIN)/python calibration/study.py --shared $(SHARED)

# SITTERS=400 for so many in all of SPLIT; calibration/render/README.md says what this needs and how long it takes.
SITTERS ?= 358
SPLIT ?= train
RENDERING := build/rendering

$(RENDERING)/ready: calibration/render/requirements.txt
	$(PYTHON) -m venv $(RENDERING)
	$(RENDERING)/bin/python -m pip install --quiet --disable-pip-version-check -r calibration/render/requirements.txt
	@touch $@

sitters: $(VENV)/dev $(RENDERING)/ready
	nice $(RENDERING)/bin/python calibration/render_sitters.py --assets $(SHARED)/render/assets \
		--work $(RENDERING)/work --split $(SPLIT) --sitters $(SITTERS)
	$(BIN)/python calibration/extract_sitters.py --work $(RENDERING)/work

LOCK := $(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras \
	--quiet --custom-compile-command "make lock"
PROGRAM := pyproject.toml requirements/build.in

lock: $(VENV)/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(LOCK) $(PROGRAM) -o requirements/run.txt
	$(LOCK) $(PROGRAM) --group dev -c requirements/run.txt -o requirements/dev.txt
	$(LOCK) pyproject.toml --extra desktop -c requirements/dev.txt -o requirements/desktop.txt
	$(LOCK) --group audit -c requirements/dev.txt -o requirements/audit.txt

clean:
	rm -rf $(VENV) build dist
