# Observatoire de la vie associative. `make help` dit tout. Rien à installer avant : Python ≥ 3.11, git et make.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8501
PORT_GUICHET ?= 8502

export STREAMLIT_BROWSER_GATHER_USAGE_STATS = false
export GX_ANALYTICS_ENABLED = false

.PHONY: help install install-dev demo servir guichet test check derive bench bench-france bench-buts hasard load moteurs clean lock

help: ## Liste les commandes
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/.installe: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 ou plus récent est nécessaire.") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installe-dev: $(VENV)/.installe requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/.installe ## Crée .venv et installe les versions verrouillées

install-dev: $(VENV)/.installe-dev ## Ajoute les outils de développement

demo: install ## Charge les dépôts de démonstration, publie, sert les pages (127.0.0.1:8501) et le dépôt (8502)
	$(BIN)/observatoire demo --port $(PORT) --port-guichet $(PORT_GUICHET)

servir: install ## Sert les pages de la dernière publication
	$(BIN)/observatoire servir --port $(PORT)

guichet: install ## Sert l’application de dépôt de l’équipe
	$(BIN)/observatoire guichet --port $(PORT_GUICHET)

test: install-dev ## Passe tous les tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

hasard: install-dev ## Cherche ailleurs que les tests : d’autres tirages, deux mille par propriété
	$(BIN)/python -m pytest -n 2 --hypothesis-profile=hasard $$(grep -rlE "^@given" tests)

check: install-dev ## Style, types, fichiers dérivés à jour
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pipelines.deriver --verifier

derive: install-dev ## Récrit les fichiers dérivés des questionnaires
	$(BIN)/python -m pipelines.deriver

bench: install-dev ## Mesure les rapports de temps et de mémoire
	$(BIN)/python scripts/bench.py

bench-france: install-dev ## Mesure la France entière : 1, 10 puis 101 départements (une demi-heure ou plus, 22 Go de disque)
	$(BIN)/python scripts/bench_france.py --tailles 1,10,101 --rapport docs/grandir.md

bench-buts: install-dev ## Mesure les buts R1 à R3, V1, I1 à I4 et dit lesquels sont tenus
	$(BIN)/python scripts/bench_buts.py

load: install-dev ## Charge les pages publiques (1, 10, 50, 100 lecteurs sur 2 processus) et donne le tableau
	$(BIN)/python scripts/charge.py

# Its own environment: Java, Spark and the extensions of DuckDB never enter that of the product.
VENV_MOTEURS := .venv-moteurs
ESSAI_MOTEURS ?= $(VENV_MOTEURS)/donnees
$(VENV_MOTEURS)/.installe: requirements-dev.lock requirements-moteurs.lock
	$(PYTHON) -m venv $(VENV_MOTEURS)
	$(VENV_MOTEURS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(VENV_MOTEURS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-moteurs.lock
	$(VENV_MOTEURS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

moteurs: $(VENV_MOTEURS)/.installe ## Compare tous les indicateurs sur DuckDB, Sail, Spark et DuckLake (ESSAI_MOTEURS=dossier publié)
	@command -v java >/dev/null || echo "Il manque Java : apt-get install openjdk-17-jre-headless (Spark sera passé)"
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || echo "Il manque PostgreSQL : apt-get install postgresql (le lac sera passé)"
	@test -e $(ESSAI_MOTEURS)/curated/analyse/analyse.duckdb || $(VENV_MOTEURS)/bin/observatoire demo --sans-pages --donnees $(ESSAI_MOTEURS)
	OBSERVATOIRE_ESSAI_MOTEURS=$(abspath $(ESSAI_MOTEURS)) $(VENV_MOTEURS)/bin/python -m pytest -s tests/moteurs

lock: ## Recalcule les verrous (demande uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml scripts/verrous.in -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --extra dev pyproject.toml scripts/verrous.in -c requirements.lock -o requirements-dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --extra dev --extra federation --extra spark pyproject.toml scripts/verrous.in -c requirements-dev.lock -o requirements-moteurs.lock

clean: ## Supprime .venv, les caches et les données produites (garde data/raw/demo)
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache build *.egg-info
	rm -rf data/entrepot.duckdb* data/entrepot.verrou data/curated
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
