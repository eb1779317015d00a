#!/bin/bash
# build.sh: OSS-Fuzz's and ClusterFuzzLite's contract: CC, CFLAGS, LIB_FUZZING_ENGINE and OUT come from outside; every
# target, its seeds and its dictionary go to OUT.
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
for target in "$OUT"/*_fuzz; do
  name=$(basename "$target")
  if [ -d "fuzz/corpus/$name" ]; then
    python3 - "fuzz/corpus/$name" "$OUT/${name}_seed_corpus.zip" <<'ZIP'
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED) as archive:
    for name in sorted(os.listdir(sys.argv[1])):
        archive.write(os.path.join(sys.argv[1], name), name)
ZIP
  fi
done
cp fuzz/script.dict "$OUT/parser_fuzz.dict"
cp fuzz/options.dict "$OUT/options_fuzz.dict"
# Scripts of more than 64 operations only cost time.
printf '[libfuzzer]\nmax_len = 256\nentropic = 0\n' >"$OUT/script_fuzz.options"
