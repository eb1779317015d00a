#!/usr/bin/env bash
# conform_test.sh CONFORM TRACE...: the command's results, messages and exit statuses, on real and on broken traces.
set -euo pipefail

traces=("${@:2}")
# shellcheck source=src/conform/test/expect.sh
source src/conform/test/expect.sh "$1"

# Real traces, in each mode, named and from standard input, one and many.
for trace in "${traces[@]}"; do
  expect 0 'conforms (exact, profile 1.19).* 0 deviations' --exact "$trace"
  expect 0 'conforms (any permitted choice' "$trace"
  expect 0 '"result":"conforms"' --json --exact "$trace"
  expect 0 'conforms (exact' --exact - <"$trace"
  expect 0 'conforms (exact' --exact <"$trace"
done
expect 0 'conforms' --exact "${traces[@]}"
expect 0 'profile 1.27' --profile 1.27 "${traces[0]}"

# A deviation: line, requirement, expected and found.
sed '0,/^@alloc 2048 0xc\([0-9a-f]*\)00 /s//@alloc 2048 0xc\180 /' "${traces[0]}" >"$out/changed.txt"
expect 1 'changed.txt:[0-9]*: CACHE-1: expected stack 0x[0-9a-f]*, the last one put .*; found 0x' \
  --exact "$out/changed.txt"
expect 1 '"result":"deviates","line":[0-9]*,"requirement":"CACHE-1","expected":"stack.*","found":"0x' \
  --exact --json "$out/changed.txt"
expect 1 'conforms' "$out/changed.txt" "${traces[0]}"

# Nothing, and lines that are no events.
expect 2 '^-: unreadable: there is no event in it$' </dev/null
expect 2 '^-:3: unreadable: there is no event in it$' < <(printf 'hello\n\n\tsched={pc:0}\n')
expect 2 'there is no event in it' < <(head -c 300000 /dev/zero | tr '\0' 'x')
expect 2 'there is no event in it' < <(printf '@trace 1\n')
expect 2 'there is no event in it' < <(printf '@x-mine 12\n')
expect 0 'conforms' < <(
  head -c 300000 /dev/zero | tr '\0' 'x'
  printf '\n@phase 1\n'
)
expect 0 'conforms' < <(printf '@x-mine 12 anything [ goes = here\n@phase 1 new-field=q?!\n')

# Traces that cannot be read: one sentence, with file and line.
expect 2 '^-:1: unreadable: there is no event of that name$' < <(printf '@allocate 1 2\n')
expect 2 '^-:2: unreadable: the event lacks a field$' < <(printf 'x\n@free 2048 0x1000 m=0\n')
expect 2 '^-:1: unreadable: a number does not fit into 64 bits$' < <(printf '@phase 18446744073709551616\n')
expect 2 '^-:1: unreadable: a number is missing' < <(printf '@alloc 2048 0x c=0x1 m=0\n')
expect 2 '^-:1: unreadable: an address range is malformed' < <(printf '@go gp=0x1 [0x1000 0x2000 0x3000 0x4000] m=0\n')
expect 2 '^-:1: unreadable: the event does not have the values' < <(printf '@phase\n')
expect 2 '^-:1: unreadable: a field stands twice' < <(printf '@clear c=0x1 c=0x2 m=0\n')
expect 2 '^-:1: unreadable: a version of the format' < <(printf '@trace 2\n')
expect 2 '^-:1: unreadable: a profile that' < <(printf '@trace 1 profile=9.9\n')
expect 2 '^-:1: unreadable: a number of the header is out of range' < <(printf '@trace 1 fixed=1\n')
expect 2 '^-:2: unreadable: a header that is not the first event' < <(printf '@phase 1\n@trace 1\n')
expect 2 'the trace ends in the middle of this line' < <(head -c 5000 "${traces[0]}")
expect 2 '^-:1: unreadable: an event of more than 1000 bytes' < <(
  printf '@alloc '
  head -c 300000 /dev/zero | tr '\0' '1'
  echo
)
expect 2 '"result":"unreadable","line":1,"error":"' --json < <(printf '@\n')
expect 2 'cannot read .*nowhere: No such file' "$out/nowhere"
expect 2 'cannot read .*: Is a directory' "$out"
head -c 1000000 /dev/urandom | sed 's/^./@&/' >"$out/garbage.txt"
expect 2 'unreadable: ' "$out/garbage.txt"

# Compressed and marked files: gzip is read, all others are named, and a damaged one is no verdict.
gzip -c "${traces[0]}" >"$out/trace.gz"
expect 0 'conforms (exact' --exact "$out/trace.gz"
expect 0 'conforms (exact' --exact <"$out/trace.gz"
head -c 20000 "$out/trace.gz" >"$out/cut.gz"
expect 2 'unreadable: the compressed file ends in the middle' "$out/cut.gz"
{
  head -c 20000 "$out/trace.gz"
  tail -c +20100 "$out/trace.gz"
} >"$out/damaged.gz"
expect 2 'damaged.gz.*unreadable: ' "$out/damaged.gz"
expect 2 'unreadable: UTF-16 text' < <(iconv -t UTF-16 "${traces[0]}")
expect 0 'profile contig' < <(printf '\xef\xbb\xbf@trace 1 profile=contig\n@phase 1\n')

# Real traces without their pools are traces of a runtime whose allocator is not judged.
plain='/^@\(refill\|release\|clear\|pool[-+]\|span[-+]\|large[-+q]\|largehit\|freespans\|startsize\) /d'
for trace in "${traces[@]}"; do
  sed -e "$plain" -e '1s/profile=1.19/profile=plain fixed=2048 guard=928 nosplit=800/' "$trace" >"$out/plain.txt"
  expect 0 'conforms (any permitted choice, profile plain)' "$out/plain.txt"
  grep -q ' [1-9][0-9][0-9] growths' "$out/output" || fail "the plain trace has lost its growths"
  sed -e '0,/^@free 2048/{/^@free 2048/d}' "$out/plain.txt" >"$out/less.txt"
  expect 1 ': expected ' "$out/less.txt"
done

# A profile without pools judges no pools and predicts no address.
expect 0 'profile plain' < <(printf '@trace 1 profile=plain\n@alloc 24 0x8 c=0x0 m=0\n')
expect 0 'profile plain' --profile plain < <(printf '@alloc 24 0x8 c=0x0 m=0\n')
expect 1 'SPAN-1: expected memory that is not in use' \
  < <(printf '@trace 1 profile=plain\n@alloc 24 0x8 c=0x0 m=0\n@alloc 8 0x18 c=0x0 m=0\n')
expect 2 '^-:2: unreadable: an event of pools' < <(printf '@trace 1 profile=plain\n@refill 0 c=0x1 m=0\n')
expect 2 '^-:2: unreadable: an event of pools' < <(printf '@trace 1 profile=plain\n@freespans m=0\n')
expect 2 '^-:2: unreadable: --exact needs a profile with pools' --exact \
  < <(printf '@trace 1 profile=plain\n@alloc 24 0x8 c=0x0 m=0\n')
expect 2 '^-:1: unreadable: a number of the header is out of range' < <(printf '@trace 1 fixed=512\n')

# Wrong use.
expect 2 '^contig: conform: --exact cannot be had with profile plain' --exact --profile plain
expect 2 '^contig: conform: there is no profile 1.13; there are 1.12, 1.19, 1.27, contig, plain' \
  --profile 1.13
expect 2 '^contig: conform: --profile needs a value' --profile
expect 2 '^contig: conform: --memory must be a number from 1 to 1048576, not none' --memory none
expect 2 '^contig: conform: unknown option --unknown' --unknown
expect 0 '^usage: ' --help
expect 0 'one of 1.12, 1.19, 1.27, contig, plain$' --help

# A trace of any length needs the memory of what lives: 2,000,000 lines about one stack, within 1 MiB.
long_trace() {
  echo '@trace 1 profile=contig'
  printf '@refill 3 c=0x1 m=0\n@span+ 3 0x10000 m=0\n@pool- 3 0x14000 m=0\n'
  yes '@alloc 16384 0x14000 c=0x1 m=0
@free 16384 0x14000 c=0x1 ph=0 m=0' | head -n 2000000 || true
}
started=$(date +%s%N)
expect 0 '2000004 lines' --exact --memory 1 < <(long_trace)
elapsed=$((($(date +%s%N) - started) / 1000000 + 1))
echo "2000004 lines in $elapsed ms, $((2000004 * 1000 / elapsed)) lines a second"
[ $((2000004 * 1000 / elapsed)) -ge 200000 ] || fail "slower than 200,000 lines a second"

# Many live stacks need memory: a limit is a clear end.
many_stacks() {
  seq 1 100000 | awk '{printf "@large+ 4 0x%x000 m=0\n@alloc 32768 0x%x000 c=0x0 m=0\n", $1 * 32, $1 * 32}'
}
expect 2 'more live stacks, goroutines or caches than memory' --memory 2 < <(many_stacks)
expect 0 '100000 allocations' < <(many_stacks)

echo "$checks checks of the conform command"
