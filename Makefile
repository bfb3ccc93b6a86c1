# make demo   the base install in .venv-demo, and the shipped INT8 model on the bundled clip
# make test   the development install in .venv, and the tests
# make test-slow   the tests that take minutes: kill -9, other backends, several processes
# make soak   100,000 frames through a live run, and damaged model files: minutes
# make test-camera   picamera2 and libcamera for real, with a camera of pictures; needs root
# make check  lint, format and types
PYTHON ?= python3
DEV := .venv/bin
DEMO := .venv-demo/bin

.PHONY: demo test test-slow soak test-camera check clean

demo: .venv-demo/.installed
	mkdir -p demo-out
	$(DEMO)/edge-run --source calib_data/clip.mp4 --force \
	    --output demo-out/landmarks.jsonl --annotate demo-out/annotated.mp4
	@echo "landmarks: demo-out/landmarks.jsonl   video: demo-out/annotated.mp4"

test: .venv/.installed
	$(DEV)/python -m pytest -q -m "not slow"

test-slow: .venv/.installed
	$(DEV)/python -m pytest -q -m slow

soak: .venv/.installed
	$(DEV)/python -m edge.proofs.damage
	$(DEV)/python -m edge.proofs.soak --source calib_data/clip.mp4

test-camera:
	tests/picamera/run.sh -q

check: .venv/.installed
	$(DEV)/ruff check .
	$(DEV)/ruff format --check .
	$(DEV)/mypy

clean:
	rm -rf .venv .venv-demo demo-out

.venv/.installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(DEV)/pip install -q -e '.[dev]'
	touch $@

# Not editable: the demo shows that the built package is complete. Everything that goes into it is
# a prerequisite, so that a changed file is installed again.
.venv-demo/.installed: pyproject.toml $(wildcard landmarks/*.py edge/*.py edge/*/*.py edge/*/*/*.py \
    edge/models/* edge/live/static/*)
	$(PYTHON) -m venv .venv-demo
	$(DEMO)/pip install -q --upgrade --force-reinstall --no-deps .
	$(DEMO)/pip install -q .
	touch $@
