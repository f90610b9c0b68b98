# `make` shows what there is to make.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# --- Build and use ----------------------------------------------------------

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: build
build: ## bin/sower, a static binary
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/sower ./cmd/sower

.PHONY: demo
demo: build ## fill an SQLite file, check it, and show what to try next
	@scripts/demo.sh

# The address comes from the environment or else from env/.env, as in sower
# itself. $(1) is the variable's name.
define seed-from-gen
	@url=$${$(1)-}; \
	if [[ -z $$url && -f env/.env ]]; then \
		url=$$(sed -nE 's/\r$$//; s/^[[:space:]]*(export[[:space:]]+)?$(1)=//p' env/.env | tail -n 1 | \
			sed -E "s/^'(.*)'[[:space:]]*$$/\1/; s/^\"(.*)\"[[:space:]]*$$/\1/"); \
	fi; \
	if [[ -z $$url ]]; then \
		echo "$(1) is not set: set it in the environment or in env/.env (env/.env.example shows how)" >&2; \
		exit 2; \
	fi; \
	./bin/sower generate genonaut --database-url "$$url"
endef

.PHONY: seed-from-gen-demo
seed-from-gen-demo: build ## fill the database named by DATABASE_URL_DEMO
	$(call seed-from-gen,DATABASE_URL_DEMO)

.PHONY: seed-from-gen-test
seed-from-gen-test: build ## fill the database named by DATABASE_URL_TEST
	$(call seed-from-gen,DATABASE_URL_TEST)

# --- Check ------------------------------------------------------------------

# Tests run verbosely so that a skipped one cannot hide; this shows what matters
# of it: one closing line a package, what failed tests and the compiler printed,
# and at the end the skipped tests. A test that is skipped fails the run: it proves nothing.
# (One that fits another system only belongs behind a build constraint.)
define SHOW_TESTS
	function add(test, line) { if (!(test in said)) order[++n] = test; said[test] = said[test] line "\n" }
	function show(   i) { for (i = 1; i <= n; i++) printf "%s", said[order[i]] }
	function forget() { split("", said); split("", order); n = 0; test = "" }

	/^(===|ok  |\?   |PASS$$|FAIL| *---)/ { building = 0 }
	/^# / { building = 1 }
	building { print; next }
	/^=== (RUN|PAUSE|CONT|NAME) / { test = $$3; next }
	/^ *--- PASS: / { said[$$3] = ""; test = ""; next }
	/^ *--- SKIP: / { skipped = skipped said[$$3] $$0 "\n"; said[$$3] = ""; test = ""; next }
	/^ *--- FAIL: / { add($$3, $$0); test = ""; next }
	/^PASS$$/ { next }
	/^\?   \t/ { forget(); next } # no test files
	/^ok  \t/ { printf "%s", said[""]; print; forget(); fflush(); next }
	/^FAIL(\t|$$)/ { failed = 1; show(); print; forget(); fflush(); next }
	{ add(test, $$0) }
	END {
		show()
		if (skipped) printf "\nFAIL: skipped tests (a test has to run, or not to be there):\n%s", skipped
		exit failed || skipped != ""
	}
endef
export SHOW_TESTS

# The tests use real servers, which Go's test cache cannot see: -count=1.
go-test = go test -v -count=1 -timeout 60m
# Those that take longest begin first, so that none of them runs alone at the end.
every-package = ./run ./corpus ./db/postgres ./fault ./internal/cli ./...

.PHONY: test
test: ## all tests, with real servers; installs what they need
	@scripts/setup-tests.sh
	@{ $(go-test) $(every-package) && cd deploy/kubernetes/jobtest && $(go-test) ./manifests; } 2>&1 | awk "$$SHOW_TESTS"

.PHONY: test-repeat
test-repeat: ## all tests ten times beside two busy processes (RUNS=10), with a log of each run
	@scripts/repeat-tests.sh $(or $(RUNS),10)

.PHONY: test-race
test-race: ## all tests with the race detector (needs a C compiler)
	@scripts/setup-tests.sh
	@CGO_ENABLED=1 $(go-test) -race $(every-package) 2>&1 | awk "$$SHOW_TESTS"

.PHONY: corpus
corpus: ## every schema of the corpus with every number of rows on every server (make test has a selection)
	@scripts/setup-tests.sh
	@SOWER_CORPUS_ALL=1 $(go-test) ./corpus 2>&1 | awk "$$SHOW_TESTS"

.PHONY: test-kubernetes
test-kubernetes: ## the Jobs of deploy/kubernetes under the Job controller of Kubernetes (compiles it: minutes, the first time)
	@scripts/setup-tests.sh
	cd deploy/kubernetes/jobtest && go test -v -count=1 ./...

.PHONY: test-parquet
test-parquet: ## Parquet files, read by DuckDB (needs a C compiler; downloads 570 MB)
	cd sink/file/duckdbtest && CGO_ENABLED=1 go test -count=1 ./...

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZ_SECONDS (10)
	@scripts/setup-tests.sh
	@scripts/fuzz.sh

.PHONY: soak
soak: ## hundreds of kills and faults, SOAK_MINUTES (30) of random ones, a minute of each fuzz target; writes the table in docs/reliability.md
	@scripts/setup-tests.sh
	SOWER_SOAK=1 SOAK_MINUTES=$${SOAK_MINUTES:-30} go test -v -count=1 -timeout 0 ./fault
	FUZZ_SECONDS=60 scripts/fuzz.sh

.PHONY: randomness
randomness: ## the dieharder battery over the numbers that cells are drawn from (it takes hours)
	@scripts/randomness.sh

.PHONY: lint
lint: ## formatting, go vet, staticcheck, shell syntax
	@unformatted=$$(gofmt -l .); \
	if [[ -n $$unformatted ]]; then echo "gofmt -w is needed on:" >&2; echo "$$unformatted" >&2; exit 1; fi
	go vet ./...
	go tool staticcheck ./...
	@for script in scripts/*.sh .ci/run; do bash -n "$$script"; done

.PHONY: docs
docs: studio-check ## are the generated documents, and the studio's page, fresh?
	go test -count=1 ./internal/doccheck

.PHONY: studio
studio: ## build the page of sower studio, from studio/ into the folders that the program embeds
	@scripts/setup-studio.sh
	cd studio && npm run build

.PHONY: studio-dev
studio-dev: ## the same at each change: make build and sower studio show it
	@scripts/setup-studio.sh
	cd studio && npm run watch

.PHONY: studio-check
studio-check: ## the studio's types and tests, and is what is embedded what its sources give?
	@scripts/setup-studio.sh
	cd studio && npm run check && npm test && npm run build
	@git diff --exit-code --stat -- internal/studio/assets internal/diagram/assets || \
		{ echo "the embedded page is not what studio/ gives: make studio, and commit it" >&2; exit 1; }

.PHONY: bench
bench: ## the benchmark against psql's \copy, on real servers
	@scripts/setup-tests.sh
	go run ./bench

.PHONY: profile
profile: ## cpu.prof: where sower's own CPU goes while it loads, verifies and exports (go tool pprof, go build -pgo)
	@scripts/setup-tests.sh
	go run ./bench -profile cpu.prof

.PHONY: release-snapshot
release-snapshot: ## dist/: the archives of a release for every system, unpublished
	GOWORK=off go build -C tools -o ../bin/goreleaser github.com/goreleaser/goreleaser/v2
	SNAPSHOT="$$(git describe --always --dirty)" bin/goreleaser release --snapshot --clean --parallelism 1

.PHONY: clean
clean: ## remove what was built (databases stay)
	rm -rf bin dist
	find . -type f \( -name '*.test' -o -name '*.prof' \) -not -path './.git/*' -delete
