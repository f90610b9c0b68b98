#!/bin/sh
# Runs the whole test suite again and again beside two busy processes, and logs each run: a test that hangs on the
# speed of the machine shows itself.
#
#   scripts/repeat-tests.sh [RUNS] [FOLDER]     default: 10 runs, logs in repeat-tests
#
# MAKE_TARGET names another target than test. The exit code is 1 where a run failed.
set -u
cd "$(dirname "$0")/.." || exit 2
runs=${1:-10}
folder=${2:-repeat-tests}
mkdir -p "$folder" || exit 2

busy=""
stop() {
	for pid in $busy; do kill "$pid" 2>/dev/null; done
	busy=""
}
trap stop EXIT
trap 'stop; exit 130' INT TERM
for _ in 1 2; do
	sh -c 'while :; do :; done' &
	busy="$busy $!"
done

failed=0
run=1
while [ "$run" -le "$runs" ]; do
	began=$(date +%s)
	log="$folder/run-$run.log"
	if make "${MAKE_TARGET:-test}" >"$log" 2>&1; then
		verdict=passed
	else
		verdict=FAILED
		failed=$((failed + 1))
	fi
	echo "run $run of $runs: $verdict in $(($(date +%s) - began)) s, load $(cut -d' ' -f1 /proc/loadavg 2>/dev/null), $log" | tee -a "$folder/summary.log"
	grep -E '^ *--- FAIL|^FAIL' "$log" | tee -a "$folder/summary.log"
	run=$((run + 1))
done
echo "$((runs - failed)) of $runs runs passed" | tee -a "$folder/summary.log"
[ "$failed" -eq 0 ]
