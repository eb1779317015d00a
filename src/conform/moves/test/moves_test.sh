#!/usr/bin/env bash
# moves_test.sh CONTIG TRACE GO_TRACE: `contig conform --moves` on a real trace, on spoilt ones, and on fresh ones of
# this machine's Go.
set -euo pipefail

contig=$(realpath "$1")
trace=$(realpath "$2")
go_trace=$(realpath "$3")
# shellcheck source=src/conform/test/expect.sh
source src/conform/test/expect.sh "$contig" conform --moves

# count NAME: the number behind a name in the report.
count() {
  sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$out/output"
}

expect 0 'conforms (exact, profile 1.19)' --exact "$trace"
expect 0 'moves: 56 (0 named only), 2906 frames' "$trace"
expect 0 '"result":"conforms"' --json --exact - <"$trace"
[ "$(count words)" -ge 30000 ] && [ "$(count record)" -ge 20 ] && [ "$(count records)" -ge 30 ] ||
  fail "too few words"
"$contig" conform --exact "$trace" | grep -q ' 0 deviations' || fail "the same trace without --moves"

# A word, a frame and a record: line, requirement, expected and found.
sed '0,/^\(@words .*\) \([0-9a-f]*\)>[0-9a-f]*/s//\1 \2/' "$trace" >"$out/word.txt"
word='expected word [0-9]*, 0x[0-9a-f]* in the frame of line [0-9]*'
expect 1 "word.txt:[0-9]*: COPY-2: $word, to go from .*; found" \
  "$out/word.txt"
sed '0,/^@frame.*fn=main/{/^@frame.*fn=main/d}' "$trace" >"$out/frame.txt"
expect 1 'frame.txt:[0-9]*: UNWIND-1: expected [0-9]* frames; found' "$out/frame.txt"
sed '0,/^@sudog+ /{/^@sudog+ /d}' "$trace" >"$out/sudog.txt"
expect 1 '"result":"deviates","line":[0-9]*,"requirement":"OUTSIDE-4"' --json "$out/sudog.txt"

# What cannot be read, or has no moves, is one sentence.
expect 2 ':3: unreadable: there is no move in it' < <(printf '@trace 1\n@phase 1\n@phase 2\n')
expect 2 '^-:1: unreadable: a part of a move that has not begun$' < <(printf '@words 0 1 m=0\n')
expect 2 '^-:1: unreadable: words or maps of a move without a thread' < <(printf '@words 0 1\n')
expect 2 '^-:1: unreadable: the event lacks a field$' < <(printf '@move gp=0x1 [1 2 3] -> [1 2 3] m=0\n')
stacks='[0x0 0x0 0x40000000] -> [0x0 0x0 0x40000000]'
registers='pc=1 bp=0 ctxt=0 defer=0 panic=0 top=0 chans=false'
expect 2 'unreadable: a move that needs more memory' --memory 1 \
  < <(printf '@move gp=0x1 %s %s m=0\n@words 0 1*130000000 m=0\n' "$stacks" "$registers")

# Fresh traces: 0 deviations.
if ! command -v go >/dev/null; then
  echo "SKIPPED the fresh traces: there is no go on this machine (ci/setup installs it)"
  exit 0
fi
if ! go version | grep -Eq 'go1\.(19|26|27)[. ]'; then
  echo "SKIPPED the fresh traces: nothing writes the moves of $(go version)"
  exit 0
fi
programs=$(dirname "$go_trace")/programs
python3 "$go_trace" --moves --procs 2 --keep "$out/kept" --out "$out/moves.txt" \
  "$programs/moves.go" 3 ||
  fail "no trace"
expect 0 '"result":"conforms"' --json --exact "$out/moves.txt"
python3 "$go_trace" --moves --keep "$out/kept" --out "$out/program.txt" 10 1 || fail "no trace"
expect 0 '"result":"conforms"' --json --exact "$out/program.txt"
[ "$(count moves)" -ge 1000 ] && [ "$(count frames)" -ge 30000 ] ||
  fail "too few moves: $(cat "$out/output")"
