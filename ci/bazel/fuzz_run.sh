#!/bin/sh
# fuzz_run.sh ENGINE NAME PROGRAM DICTIONARY|- SEED... -- [ENGINE-OPTION...]
# What `bazel run //fuzz:NAME_run` starts.  Findings and the corpus that grew stand in $FUZZ_OUT, by default
# fuzz-out/NAME/ENGINE below the folder in which bazel was called.
set -eu
engine=$1 name=$2 program=$3 dictionary=$4
shift 4
out=${FUZZ_OUT:-${BUILD_WORKING_DIRECTORY:-$PWD}/fuzz-out/$name/$engine}
[ -d "$out" ] || { mkdir -p "$out" && echo '*' >"$out/.gitignore"; }
mkdir -p "$out/seeds" "$out/corpus"
while [ $# -gt 0 ]; do
  seed=$1
  shift
  [ "$seed" != -- ] || break
  cp -L "$seed" "$out/seeds/"
done
# afl-fuzz does not start without a seed.
[ -n "$(ls "$out/seeds")" ] || echo >"$out/seeds/newline"
# A report with bare addresses helps nobody; Debian installs the symbolizer beside clang, off the PATH.
for symbolizer in /usr/lib/llvm-*/bin/llvm-symbolizer; do
  [ ! -x "$symbolizer" ] || export ASAN_SYMBOLIZER_PATH="${ASAN_SYMBOLIZER_PATH:-$symbolizer}"
done
echo "$name: engine $engine, results in $out"
case $engine in
libfuzzer)
  [ "$dictionary" = - ] || set -- "-dict=$dictionary" "$@"
  exec "$program" "-artifact_prefix=$out/" "$@" "$out/corpus" "$out/seeds"
  ;;
afl)
  [ "$dictionary" = - ] || set -- -x "$dictionary" "$@"
  # No terminal, and no kernel setting of the machine to change, in CI.
  # An output folder that is there is gone on with: afl-fuzz would clear it, findings and all.
  export AFL_AUTORESUME=1
  export AFL_NO_UI="${AFL_NO_UI-1}" AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
  exec afl-fuzz -i "$out/seeds" -o "$out/afl" "$@" -- "$program"
  ;;
replay)
  exec "$program" "$out"/seeds/*
  ;;
esac
