#!/usr/bin/env bash
# Every fuzz target for a while: FUZZ_SECONDS each, or what is left of FUZZ_BUDGET seconds over all of them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mapfile -t targets < <(grep -rHoE '^func Fuzz[A-Za-z0-9_]*' --include='*_test.go' . | sed -E 's|^\./(.*)/[^/]*:func (.*)$|\1 \2|' | sort)
seconds=${FUZZ_SECONDS:-}
if [[ -z $seconds ]]; then
	seconds=$((${FUZZ_BUDGET:-90} / ${#targets[@]}))
	((seconds >= 1)) || seconds=1
	((seconds <= 10)) || seconds=10
fi
for t in "${targets[@]}"; do
	read -r dir name <<<"$t"
	printf '%s %s, %d s\n' "$dir" "$name" "$seconds"
	go test "./$dir" -run '^$' -fuzz "^$name\$" -fuzztime "${seconds}s" | tail -n 3
done
