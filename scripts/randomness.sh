#!/usr/bin/env bash
# The dieharder battery over the random numbers of cells, in three orders. It takes a while; TESTS="-d 0 -d 15"
# runs some tests alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if ! command -v dieharder >/dev/null; then
	if [[ $(id -u) == 0 ]]; then apt-get install -y dieharder >/dev/null; else sudo apt-get install -y dieharder >/dev/null; fi
fi
mkdir -p bin
go build -o bin/pour ./internal/rng/pour
failed=0
for order in rows draws columns; do
	echo "=== $order"
	# shellcheck disable=SC2086
	bin/pour "$order" | dieharder -g 200 ${TESTS:--a} | tee "bin/randomness-$order.txt"
	if grep -q FAILED "bin/randomness-$order.txt"; then failed=1; fi
done
for order in rows draws columns; do
	printf '%s: %d passed, %d weak, %d failed\n' "$order" "$(grep -c PASSED "bin/randomness-$order.txt" || true)" \
		"$(grep -c WEAK "bin/randomness-$order.txt" || true)" "$(grep -c FAILED "bin/randomness-$order.txt" || true)"
done
exit "$failed"
