#!/usr/bin/env bash
# Exports as an array of SHARDS tasks, and once all of them have succeeded checks the whole and writes its manifest:
#
#   ./submit.sh SHARDS DIR [ARGUMENTS OF sower export...]
#   ./submit.sh 16 s3://my-bucket/rows genonaut --format parquet
#
# sower has to be on the path of the nodes. DIR is object storage, or a directory that all nodes share. To repeat some of
# sixteen tasks: SOWER_SHARDS=16 sbatch --array=3,7 export.sbatch DIR ..., and then sbatch finish.sbatch DIR.
set -euo pipefail
if (($# < 2)); then
	echo "usage: $0 SHARDS DIR [ARGUMENTS OF sower export...]" >&2
	exit 2
fi
here=$(dirname "${BASH_SOURCE[0]}") shards=$1 dir=$2
shift 2
job=$(sbatch --parsable --array="0-$((shards - 1))" "$here/export.sbatch" "$dir" "$@")
finish=$(sbatch --parsable --dependency="afterok:$job" "$here/finish.sbatch" "$dir")
echo "$shards shards are job $job; job $finish finishes them"
