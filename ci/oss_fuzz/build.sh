#!/bin/bash
# build.sh: OSS-Fuzz's and ClusterFuzzLite's contract: CC, CFLAGS, LIB_FUZZING_ENGINE and OUT come from outside; every
# target, its seeds, its dictionary and its options go to OUT.
: "${OUT:?ci/oss_fuzz/build.sh: OUT must name the folder for the targets}"
# In the image the working directory is the checkout; elsewhere this file stands in it.
set -eu
[ -x fuzz/build ] || cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# Objects are linked as they are found: no folder that somebody else could have filled.
if [ -z "${WORK:-}" ]; then
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
fi
fuzz/build --objects "$WORK/contig-objects" "$OUT"
ci/oss_fuzz/beside.py "$OUT"
