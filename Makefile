# Nothing is needed but make and Python 3.11 or newer: everything else goes into .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: demo test lint bench fuzz figures docs clean

# Two stamps, so that the demonstration does not wait for the test tools.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --upgrade "pip>=25.1"
	$(PIP) install --quiet --constraint constraints.txt --editable ".[tensorflow]"
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) install --quiet --constraint constraints.txt --group dev
	touch $@

demo: $(VENV)/.installed  ## Draw, generate, train and verify the multilayer perceptron on Iris
	$(BIN)/archgen check specs/mlp.json
	$(BIN)/archgen render specs/mlp.json --output demo/mlp.svg
	$(BIN)/archgen codegen specs/mlp.json --output demo/mlp.py
	$(BIN)/python demo/mlp.py --output-dir demo
	$(BIN)/archgen verify specs/mlp.json > demo/verified.txt || { cat demo/verified.txt; exit 1; }
	@cat demo/verified.txt
	@echo
	@echo "The picture is demo/mlp.svg, the script demo/mlp.py, the report demo/verified.txt;"
	@echo "the trained model and its history lie in demo/ too:"
	@ls demo

test: $(VENV)/.installed-dev  ## Run every test
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.installed-dev  ## Style, types and the direction of imports
	$(BIN)/black --check --quiet --line-length 120 archgen tests benchmarks docs
	$(BIN)/black --check --quiet generated
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.installed-dev  ## Time and memory beside Keras's own ways and by size of the graph, as ratios in one run
	$(BIN)/python benchmarks/compare.py
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python benchmarks/figures.py

N ?= 3000
fuzz: $(VENV)/.installed-dev  ## Grow N random models (from SEED) and hold archgen to Keras on each
	$(BIN)/python -m tests.differential $(N) $(if $(SEED),--seed $(SEED)) $(FUZZ)

docs/layers.md: $(VENV)/.installed $(shell find archgen/layers -name '*.py') archgen/reference.py
	$(BIN)/python -c 'from archgen.reference import page; open("$@", "w", encoding="utf-8").write(page())'

figures: $(VENV)/.installed docs/layers.md  ## Everything that is committed and generated: schema, scripts, docs, pictures
	$(BIN)/archgen schema --output specs/archgen.schema.json
	$(BIN)/archgen codegen
	$(BIN)/archgen render specs/autoencoder.json specs/cnn.json specs/gan.json specs/lstm.json specs/mlp.json \
	  specs/resnet.json specs/resnet50.json specs/transformer.json

docs: $(VENV)/.installed-dev  ## These docs as pages, in docs/_build/html; a warning is an error
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

clean:
	rm -rf $(VENV) demo runs docs/_build docs/gallery docs/families docs/commands.md
