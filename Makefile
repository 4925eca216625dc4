PREFIX ?= /usr/local
DESTDIR ?=
# A checkout of Sigstore's conformance suite, for `make conformance`.
SUITE ?=
# More arguments for `make demo` (a folder of zips), `make test` (those of `swift test`), and the benchmarks.
ARGS ?=
# What `make fuzz` looks at, and for how long.
TARGET ?= all
SECONDS ?= 600
# The C++ library goes into the program: to link it at each start takes longer than to verify a bundle.
STATIC := $(CURDIR)/.build/static
RELEASE := -c release --static-swift-stdlib -Xlinker -L$(STATIC)

.DEFAULT_GOAL := help
.PHONY: help build release test conformance fuzz lint format demo bench-verify bench-attest install clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Install what is missing, build, and do the main job once on a folder of zips
	@.ci/demo $(ARGS)

test: ## Install what the tests need, and run style checks and all tests
	@.ci/test $(ARGS)

conformance: ## Run Sigstore's conformance suite, a checkout of which is SUITE
	@.ci/conformance $(SUITE)

fuzz: ## Look for inputs that do harm, in TARGET (all) for SECONDS (600)
	@.ci/fuzz $(TARGET) $(SECONDS)

build: ## Build for debugging
	swift build

release: ## Build for use
	@mkdir -p $(STATIC) && ln -sf "$$(gcc -print-file-name=libstdc++.a)" $(STATIC)/
	swift build $(RELEASE) --product assay

bench-verify: release ## Measure verification beside cosign, sigstore-go and sigstore-python
	@Tests/Benchmarks/verify/compare.py --assay "$$(swift build $(RELEASE) --show-bin-path)/assay" $(ARGS)

bench-attest: release ## Measure attesting keyless, beside cosign, and with a key
	@Tests/Benchmarks/attest/compare.py --assay "$$(swift build $(RELEASE) --show-bin-path)/assay" $(ARGS)

lint: ## Check the style
	@.ci/lint

format: ## Bring the sources into the style
	swift format --in-place --parallel --recursive Package.swift Sources Tests mount

install: release ## Install below PREFIX (/usr/local), with DESTDIR for packagers
	install -s -D -m 0755 "$$(swift build $(RELEASE) --show-bin-path)/assay" "$(DESTDIR)$(PREFIX)/bin/assay"
	install -D -m 0644 config/assay.toml "$(DESTDIR)$(PREFIX)/share/doc/assay/assay.toml"
	install -d "$(DESTDIR)$(PREFIX)/share/bash-completion/completions" "$(DESTDIR)$(PREFIX)/share/zsh/site-functions" \
		"$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d"
	"$(DESTDIR)$(PREFIX)/bin/assay" --generate-completion-script bash \
		> "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/assay"
	"$(DESTDIR)$(PREFIX)/bin/assay" --generate-completion-script zsh \
		> "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_assay"
	"$(DESTDIR)$(PREFIX)/bin/assay" --generate-completion-script fish \
		> "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/assay.fish"

clean: ## Remove what was built
	swift package clean
	rm -rf .build/demo
