#!/bin/sh
# parked_test.sh PARKED [COUNT]: a parked goroutine of C takes at most 2,400 bytes, or 6,600 with something on its side
# stack; a sentence names the goroutine for whose side stack there are no addresses.  Default: 20,000 goroutines.
set -eu
parked=$1
count=${2:-20000}
out=${TEST_TMPDIR:-$(mktemp -d)}

# at_most BYTES WHERE
at_most() {
  "$parked" "$count" "$2" >"$out/printed"
  cat "$out/printed"
  each=$(sed -n 's/.* parked and woken: \([0-9]*\) bytes each.*/\1/p' "$out/printed")
  [ -n "$each" ] && [ "$each" -le "$1" ] && [ "$each" -ge 2048 ] || {
    echo "parked_test: not from 2048 to $1 bytes each" >&2
    exit 1
  }
}

at_most 2400 stack
at_most 6600 side

status=0
CONTIG_SIDE_STACK=1073741824 "$parked" "$count" side 2>"$out/said" || status=$?
sentence="^parked: goroutine [0-9]* of $count was not made: out of memory$"
[ "$status" -eq 1 ] && grep -q "$sentence" "$out/said" || {
  echo "parked_test: status $status without memory, and this sentence:" >&2
  cat "$out/said" >&2
  exit 1
}
