# Everything runs in .venv of this folder; nothing is installed globally. `make` alone says what there is.
.PHONY: help demo live test soak lint lock package bench mutation firmware card clean

PYTHON ?= python3
BIN := .venv/bin

help:
	@echo "make demo      the main job on four virtual boards: from the tubes to a results page"
	@echo "make live      a day now, on virtual boards in true time, with its live pages in your browser"
	@echo "make test      all tests"
	@echo "make soak      fault schedules and kills for MINUTES=5, as long inputs that lie, then WEEKS=20 of receivers, BOARDS=30 exchanged, FACTS=30 sets that lie; SEED=... if one is given"
	@echo "make lint      ruff, mypy, names that say nothing, the table in ARCHITECTURE.md"
	@echo "make lock      requirements.lock with hashes for a release, and build/centesimo.cdx.json, its list of parts (SBOM)"
	@echo "make package   sdist and wheel in build/dist, the wheel tried in an empty environment"
	@echo "make bench     speed and size, as a table and in build/bench.json"
	@echo "make mutation  which changes of the scoring code no test would notice (docs/mutation.md)"
	@echo "make firmware  build/centesimo-rp2040.uf2, to be dragged onto a Pico, and -rp2350.uf2 for a Pico 2"
	@echo "make card      build/card.pdf for marshals, in Italian and English; EVENT=my-event: labels for the boxes too"
	@echo "make clean     remove .venv and build"

demo: .venv/ready
	@$(BIN)/python -m demo

live: .venv/ready
	@$(BIN)/python -m demo.live

test: .venv/ready
	@$(BIN)/python -m pytest -n auto --dist loadfile

soak: .venv/ready
	@$(BIN)/python -m tests.soak --minutes $(or $(MINUTES),5) $(if $(SEED),--seed $(SEED))
	@$(BIN)/python -m tests.doors_fuzz --minutes $(or $(MINUTES),5) $(if $(SEED),--seed $(SEED))
	@$(BIN)/python -m tests.lying_facts --boards $(or $(BOARDS),30) --facts $(or $(FACTS),30) $(if $(SEED),--seed $(SEED))
	@$(BIN)/python -m tests.receiver_weeks --weeks $(or $(WEEKS),20) $(if $(SEED),--seed $(SEED))

lint: .venv/ready build/typings
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/python -m tools.names
	@$(BIN)/python tools/rooms.py --check
	@$(BIN)/mypy
	@$(BIN)/mypy --config-file firmware/mypy.ini

# The Pico's stubs alone, where mypy finds them before the libraries of this Python.
build/typings: .venv/ready
	@mkdir -p $@
	@for stub in framebuf.pyi machine.pyi micropython.pyi rp2 uctypes.pyi _mpy_shed; do \
	    ln -sfn "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/$$stub" $@/$$stub; done
	@touch $@

lock: .venv/ready
	@tools/lock.sh

package: .venv/ready
	@tools/package_check.sh

bench: .venv/ready
	@$(BIN)/python -m bench

mutation: .venv/mutation
	@tools/mutation.sh

.venv/mutation: .venv/ready pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[mutation]'
	@touch $@

firmware: .venv/ready
	@tools/build_firmware.sh build/centesimo-rp2040.uf2 rp2040
	@tools/build_firmware.sh build/centesimo-rp2350.uf2 rp2350

card: .venv/ready
	@$(BIN)/python -m tools.card $(if $(EVENT),--event $(EVENT))

clean:
	rm -rf .venv build

.venv/ready: pyproject.toml tools/setup.sh
	@tools/setup.sh "$(PYTHON)"
