#!/usr/bin/env bash
# Fills the database of DATABASE_URL: a job that prepares the run, an array of SHARDS tasks that load it, and once all of them have
# succeeded a job that completes it:
#
#   export DATABASE_URL=postgres://loader@db/shop_test
#   ./submit-load.sh SHARDS [ARGUMENTS OF sower generate...]
#   ./submit-load.sh 16 genonaut --target-rows-users 1000000
#
# sower has to be on the path of the nodes. To repeat some of sixteen tasks: SOWER_SHARDS=16 sbatch --array=3,7 load.sbatch load,
# and then sbatch load.sbatch finish.
set -euo pipefail
if (($# < 1)) || [[ -z ${DATABASE_URL-} ]]; then
	echo "usage: DATABASE_URL=... $0 SHARDS [ARGUMENTS OF sower generate...]" >&2
	exit 2
fi
here=$(dirname "${BASH_SOURCE[0]}") shards=$1
shift
prepare=$(sbatch --parsable "$here/load.sbatch" prepare "$@")
load=$(sbatch --parsable --dependency="afterok:$prepare" --array="0-$((shards - 1))" "$here/load.sbatch" load)
finish=$(sbatch --parsable --dependency="afterok:$load" "$here/load.sbatch" finish)
echo "job $prepare prepares, job $load loads $shards shards, job $finish completes the run"
