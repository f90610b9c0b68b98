#!/usr/bin/env bash
# Every fuzz target for FUZZ_SECONDS (10).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mapfile -t targets < <(grep -rHoE '^func Fuzz[A-Za-z0-9_]*' --include='*_test.go' . | sed -E 's|^\./(.*)/[^/]*:func (.*)$|\1 \2|' | sort)
seconds=${FUZZ_SECONDS:-10}
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# fuzz runs one target; what it prints is in $out.
fuzz() { go test "./$1" -run '^$' -fuzz "^$2\$" -fuzztime "${seconds}s" >"$out" 2>&1; }

for t in "${targets[@]}"; do
	read -r dir name <<<"$t"
	printf '%s %s, %d s\n' "$dir" "$name" "$seconds"
	# Now and then the time is over in the middle of an input, which go test calls a failure.
	if ! fuzz "$dir" "$name" && { ! grep -q 'context deadline exceeded' "$out" || grep -q 'Failing input' "$out" || ! fuzz "$dir" "$name"; }; then
		cat "$out"
		exit 1
	fi
	tail -n 3 "$out"
done
