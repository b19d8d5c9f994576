# The one door to everything; `make` explains itself. What a target needs is installed by tools/install-deps, which is
# silent when all is there. Build folders are those of the presets (CMakePresets.json).

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

JOBS ?= $(shell nproc)# compilations, and tests, at once
FUZZ_SECONDS ?= 300# for each fuzz target
TIDY ?=# of `make lint`: all, or changed (against HEAD), for clang-tidy as well

# A person sees the compilation move; a log is spared its lines.
QUIETLY := $(shell [ -t 2 ] || echo -- --quiet)
CTEST := ctest --output-on-failure --parallel $(JOBS)
# What the tests drive besides Debian's packages; built by tools/tool, once a version.
TOOLS := crane cosign fulcio rekor-server timestamps referrers
CHART_TOOLS := controlplane helm helm3 kubeconform
# Suites that are targets of their own.
NOT_IN_TEST := bench|slow

.PHONY: help demo build test check integration e2e chart image bench lint fmt asan tsan fuzz coverage manifests clean

help:  ## this text
	@echo "xzgate: make TARGET"
	@sed -n 's/^\([a-z0-9]*\):[^#]*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

demo: build  ## the whole thing in seconds, on images made here: registry, scanner, webhook, answers, metrics
	@tools/install-deps test
	@XZGATE_BINARY=$(CURDIR)/build/xzgate python3 tests/demo/demo.py

build: build/release/build.ninja  ## the program, optimised and hardened: build/xzgate
	@cmake --build build/release --parallel $(JOBS) --target xzgate $(QUIETLY)
	@ln -sfn release/cmd/xzgate build/xzgate

test: dev  ## every test: unit, lint, rig, integration, end to end (the suites of `make check`, `integration`, `e2e`, `chart`)
	@tools/install-deps test lint
	@for tool in $(CHART_TOOLS) $(TOOLS); do tools/tool path $$tool >/dev/null; done
	@$(CTEST) --test-dir build/dev --label-exclude '$(NOT_IN_TEST)'

check: dev  ## unit tests only, fast
	@$(CTEST) --test-dir build/dev --label-regex unit

integration: dev  ## against a real registry, with images made by real tools
	@tools/install-deps test
	@for tool in $(TOOLS); do tools/tool path $$tool >/dev/null; done
	@$(CTEST) --test-dir build/dev --label-regex integration

e2e: dev  ## a real Kubernetes API server asks xzgate
	@tools/install-deps test
	@echo "control plane: $$(tools/tool path controlplane)"
	@$(CTEST) --test-dir build/dev --label-regex e2e

chart: dev  ## the Helm chart, by both versions of Helm, in front of a real Kubernetes API server
	@tools/install-deps test
	@for tool in $(CHART_TOOLS); do tools/tool path $$tool >/dev/null; done
	@$(CTEST) --test-dir build/dev --label-regex chart

image: dev  ## builds the container image from the Dockerfile and looks into it; root, half an hour
	@tools/install-deps test
	@$(CTEST) --test-dir build/dev --label-regex slow

bench:  ## measures what docs/performance.md promises
	@tools/install-deps build test
	@if [ -x tests/bench/run ]; then tests/bench/run; else echo "bench: no tests/bench/run here" >&2; exit 2; fi

lint:  ## formatting, floors, banned calls, scripts; with TIDY=all or TIDY=changed clang-tidy as well
	@tools/install-deps lint
	@case "$(TIDY)" in \
	  '') tools/lint ;; \
	  all) $(MAKE) dev; tools/lint --tidy --build build/dev ;; \
	  changed) $(MAKE) dev; tools/lint --tidy-changed --build build/dev ;; \
	  *) echo 'lint: TIDY is all or changed, found "$(TIDY)"' >&2; exit 2 ;; \
	esac

fmt:  ## formats the sources in place
	@tools/install-deps lint
	@tools/lint --fix

asan: sanitized-asan  ## unit and integration tests under the address and undefined-behaviour sanitizers

tsan: sanitized-tsan  ## unit and integration tests under the thread sanitizer

fuzz:  ## each fuzz target for FUZZ_SECONDS (default 300), two at a time
	@tools/install-deps build lint
	@FUZZ_SECONDS=$(FUZZ_SECONDS) JOBS=$(JOBS) tests/fuzz/run

coverage: build/coverage/build.ninja  ## lines that the unit tests reach, by room
	@cmake --build build/coverage --parallel $(JOBS) $(QUIETLY)
	@find build/coverage -name '*.gcda' -delete
	@$(CTEST) --test-dir build/coverage --label-regex unit
	@python3 tools/coverage build/coverage

manifests:  ## renders manifests/install.yaml and the chart's table of values from charts/xzgate
	@tools/chart-readme
	@tools/manifests

clean:  ## removes the build folders; caches outside the tree stay
	@rm -rf build

# --- what the targets above stand on

.PHONY: dev sanitized-asan sanitized-tsan

dev: build/dev/build.ninja
	@cmake --build build/dev --parallel $(JOBS) $(QUIETLY)

sanitized-asan sanitized-tsan: sanitized-%: build/%/build.ninja
	@tools/install-deps test
	@cmake --build build/$* --parallel $(JOBS) $(QUIETLY)
	@XZGATE_SLOW=5 $(CTEST) --test-dir build/$* --label-regex 'unit|integration'

# Ninja runs CMake again when a CMakeLists.txt changes; it does not look at the presets. A configuration that failed leaves
# no build.ninja, or an old one: the time stamp is set last.
build/%/build.ninja: CMakePresets.json
	@tools/install-deps build
	@echo "configuring build/$*"
	@mkdir -p build
	@cmake --preset $* >build/$*.log 2>&1 || { cat build/$*.log >&2; exit 1; }
	@touch $@
