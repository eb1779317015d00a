#!/bin/sh
# names_test.sh PREFIX LIBRARY...: each name that a linker sees in the libraries begins with the prefix, so that a
# program which links them can have every other name.
set -eu
prefix=$1
shift
names=$(nm -g --defined-only "$@" | awk 'NF == 3 { print $3 }')
if [ "$(echo "$names" | wc -l)" -lt 50 ]; then
  echo "names_test: fewer than 50 names: $names" >&2
  exit 1
fi
others=$(echo "$names" | grep -v "^$prefix" || true)
if [ -n "$others" ]; then
  echo "names_test: these do not begin with $prefix: $others" >&2
  exit 1
fi
