# make demo   the base install in .venv-demo, and the shipped INT8 model on the bundled clip
# make test   the development install in .venv, and the tests, two files at a time
# make test-slow   the tests that take minutes: kill -9, other backends, several processes
# make soak   100,000 frames through a live run, and damaged model files: minutes
# make hostile   1,200 odd and damaged cards, models, recordings, pictures, settings, labels: minutes
# make test-camera   picamera2 and libcamera for real, with a camera of pictures; needs root
# make check  lint, format and types
# make mutants  small faults in the core code, one at a time, and whether a test fails: minutes
# make test-wheel           the built wheel in an environment of its own
# make test-tflite-runtime  the device's code on tflite-runtime 2.14 (needs Python 3.11)
# make test-arm             the install of docs/raspberry-pi.md on emulated 64-bit ARM; needs root
# make bench-instructions   edge/models/instructions.json anew, by the same emulation; needs root
PYTHON ?= python3
DEV := .venv/bin
DEMO := .venv-demo/bin

.PHONY: demo test test-slow soak hostile test-camera check mutants test-wheel test-tflite-runtime \
    test-arm bench-instructions clean

demo: .venv-demo/.installed
	mkdir -p demo-out
	$(DEMO)/edge-run --source calib_data/clip.mp4 --force \
	    --output demo-out/landmarks.jsonl --annotate demo-out/annotated.mp4
	@echo "landmarks: demo-out/landmarks.jsonl   video: demo-out/annotated.mp4"

test: .venv/.installed
	$(DEV)/python -m pytest -q -n 2 --dist loadfile -m "not slow"

test-slow: .venv/.installed
	$(DEV)/python -m pytest -q -m slow

soak: .venv/.installed
	$(DEV)/python -m tests.proofs.damage
	$(DEV)/python -m tests.proofs.soak --source calib_data/clip.mp4

hostile: .venv/.installed
	$(DEV)/python -m tests.hostile

test-camera:
	tests/picamera/run.sh -q

check: .venv/.installed
	$(DEV)/ruff check .
	$(DEV)/ruff format --check .
	$(DEV)/mypy

mutants: .venv/.installed
	$(DEV)/pip install -q -e '.[mutants]'
	rm -rf mutants
	$(DEV)/mutmut run
	$(DEV)/mutmut results

test-wheel: .venv/.installed
	$(DEV)/python -m pytest -q tests/install/proof_wheel.py

test-tflite-runtime: .venv/.installed
	$(DEV)/python -m pytest -q -rP tests/install/proof_tflite_runtime.py

test-arm: .venv/.installed
	$(DEV)/python -m tests.arm.roots
	$(DEV)/python -m pytest -q -rP tests/arm/proof_arm.py

bench-instructions: .venv/.installed
	$(DEV)/python -m tests.arm.roots
	$(DEV)/python -m tests.arm.instructions --out edge/models/instructions.json --force

clean:
	rm -rf .venv .venv-demo demo-out mutants

.venv/.installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(DEV)/pip install -q -e '.[dev]'
	touch $@

# Not editable: the demo shows that the built package is complete. Everything that goes into it is
# a prerequisite, so that a changed file is installed again.
.venv-demo/.installed: pyproject.toml $(wildcard landmarks/*.py command_line/*.py \
    edge/*.py edge/*/*.py edge/*/*/*.py edge/models/* edge/live/static/* edge_landmarks/*.py)
	$(PYTHON) -m venv .venv-demo
	$(DEMO)/pip install -q --upgrade --force-reinstall --no-deps .
	$(DEMO)/pip install -q .
	touch $@
