#!/bin/sh
# command_test.sh CONTIG: output that cannot be written, limits on memory, and that the commands are there.
# Wrong use is in bad_inputs_test.
set -eu
contig=$1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# refused PATTERN ARGUMENT...: exit status 2, the pattern on standard error
refused() {
  pattern=$1
  shift
  status=0
  "$contig" "$@" >"$out/out" 2>"$out/err" || status=$?
  [ "$status" -eq 2 ] || {
    echo "command_test: '$*' ended with $status, not 2" >&2
    exit 1
  }
  grep -q "$pattern" "$out/err" || {
    echo "command_test: '$*' did not say '$pattern' but:" >&2
    cat "$out/err" >&2
    exit 1
  }
}

# ERR-4, ERR-5
# AddressSanitizer takes terabytes of addresses itself.
grep -q __asan_init "$contig" || (ulimit -v 1400000 &&
  refused "cannot reserve 68719476736 bytes of addresses" demo fib 3)

# A full disk loses nothing silently.
if [ -w /dev/full ]; then
  status=0
  "$contig" demo fib 3 --trace=/dev/full >"$out/out" 2>"$out/err" || status=$?
  [ "$status" -eq 2 ] && grep -q "cannot write the trace /dev/full" "$out/err" || {
    echo "command_test: a full disk went unnoticed" >&2
    exit 1
  }
fi
# A trace ends between two lines wherever a signal ends its process, and what it holds conforms.
for signal in TERM HUP KILL; do
  "$contig" demo million --trace="$out/trace" >"$out/out" 2>"$out/err" &
  process=$!
  lines=0
  until [ "$lines" -ge 1000 ]; do
    sleep 0.1
    kill -0 $process || {
      echo "command_test: no trace of 1000 lines before the end" >&2
      exit 1
    }
    [ ! -e "$out/trace" ] || lines=$(wc -l <"$out/trace")
  done
  kill -$signal $process
  wait $process 2>"$out/err" && {
    echo "command_test: SIG$signal came too late" >&2
    exit 1
  }
  [ -z "$(tail -c 1 "$out/trace")" ] || {
    echo "command_test: SIG$signal cut the last line of a trace" >&2
    exit 1
  }
  "$contig" conform "$out/trace" >"$out/out" || {
    echo "command_test: after SIG$signal:" >&2
    cat "$out/out" >&2
    exit 1
  }
done

# Goroutines that nothing can wake are a deadlock, and the script is right all the same.
printf 'func frame 96 args -\n receive slot 3 from nil\nmain\n chan of 0\n go f0\n run\n' >"$out/asleep"
"$contig" replay "$out/asleep" >"$out/out" &&
  grep -q "all goroutines are asleep - deadlock!" "$out/out" &&
  grep -q '^goroutine 1 \[chan receive\]:$' "$out/out" || {
  echo "command_test: no report of a deadlock" >&2
  exit 1
}

"$contig" --help >"$out/out"
grep -q "usage: contig COMMAND" "$out/out"
"$contig" demo fib 20 --json | jq -e '.passed and ."fib(n)" == 6765' >/dev/null
