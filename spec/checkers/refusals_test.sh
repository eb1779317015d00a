#!/usr/bin/env bash
# refusals_test.sh GO_SOURCE PYTHON: what cannot be read is one sentence that names it and status 2, from both checkers
# alike; each is one file whose functions have at most 200 lines of code, and needs nothing but its language.
set -euo pipefail
source=$1
python=$2
most=200
export HOME=$TEST_TMPDIR GOCACHE=$TEST_TMPDIR/cache
go build -o "$TEST_TMPDIR/pool_checker" "$source"
failures=0

fail() {
  echo "FAILED: $1"
  failures=$((failures + 1))
}

# refused WHAT PATTERN ARGUMENT...: standard input is passed on.
refused() {
  local what=$1 pattern=$2 program status
  shift 2
  cat >"$TEST_TMPDIR/input"
  for program in "$TEST_TMPDIR/pool_checker" "$python"; do
    status=0
    "$program" "$@" <"$TEST_TMPDIR/input" >"$TEST_TMPDIR/out" 2>"$TEST_TMPDIR/error" || status=$?
    [ $status = 2 ] && [ ! -s "$TEST_TMPDIR/out" ] && [ "$(wc -l <"$TEST_TMPDIR/error")" = 1 ] &&
      grep -q -e "$pattern" "$TEST_TMPDIR/error" ||
      fail "$program, $what: status $status, $(head -c 300 "$TEST_TMPDIR/error" "$TEST_TMPDIR/out")"
  done
}
refused "no argument" "usage: pool_checker TRACE" </dev/null
refused "two arguments" "usage: pool_checker TRACE" a b </dev/null
refused "no such file" "nothing.txt: [Nn]o such file" nothing.txt </dev/null
refused "a folder" "[Ii]s a directory" "$TEST_TMPDIR" </dev/null
refused "an empty trace" "line 1: unreadable: expected an event" - </dev/null
printf '@trace 1 profile=1.19\n' |
  refused "a header alone" "line 2: unreadable: expected an event" -
printf '@phase 1\n@phase 2' |
  refused "half a line" "line 2: unreadable: expected an event, and a newline" -
printf '@phase 1\n@stack 2\n' |
  refused "an unknown event" "line 2: unreadable: expected a known event.*@stack 2" -
printf '@free 2048 0xc000 m=0\n' |
  refused "no cache" "line 1: unreadable: expected the values and fields" -
printf '@phase 18446744073709551616\n' |
  refused "a large number" "line 1: .*: expected a number of at most 64" -
printf '@phase 0x\n' | refused "no digits" "line 1: unreadable: expected a number" -
printf '@phase 1_0\n' | refused "an underscore" "line 1: unreadable: expected a number" -
printf '@clear c=1 c=1 m=0\n' | refused "a field twice" "line 1: unreadable: expected .* once" -
printf '@trace 2\n@phase 1\n' | refused "version 2" "line 1: unreadable: expected a known version" -
printf '@trace 1 profile=plain\n@phase 1\n' |
  refused "no pools" "line 1: unreadable: expected a known version" -
printf '@trace 1 fixed=3000\n@phase 1\n' |
  refused "a fixed size" "line 1: unreadable: expected numbers of a header" -
printf '@phase 1 %01000d=0\n' 0 |
  refused "a long event" "line 1: unreadable: expected a known event, up to 1000" -

# What is no event is skipped, and what a line holds does not reach a terminal.
printf 'panic: \033[31m\n@x-mine \033\n@phase 1\n' >"$TEST_TMPDIR/other.txt"
printf '@phase 1\n@phase 0 x=\033[31m\n' >"$TEST_TMPDIR/colour.txt"
for program in "$TEST_TMPDIR/pool_checker" "$python"; do
  "$program" "$TEST_TMPDIR/other.txt" | grep -q '^conforms: 3 lines, 1 events$' || fail "$program: other lines"
  status=0
  "$program" "$TEST_TMPDIR/colour.txt" >"$TEST_TMPDIR/out" || status=$?
  [ $status = 1 ] &&
    grep -q '^line 2: GC-1: expected .*; found @phase 0 x=?\[31m$' "$TEST_TMPDIR/out" ||
    fail "$program: a deviation with an escape"
  for sink in /dev/full "a closed pipe"; do
    status=0
    if [ -e "$sink" ]; then
      "$program" "$TEST_TMPDIR/other.txt" >"$sink" 2>"$TEST_TMPDIR/error" || status=$?
    else
      mkfifo "$TEST_TMPDIR/pipe"
      (exec 3<"$TEST_TMPDIR/pipe" && exec 3<&-) &
      { wait $! && "$program" "$TEST_TMPDIR/other.txt" 2>"$TEST_TMPDIR/error" || status=$?; } >"$TEST_TMPDIR/pipe"
      rm "$TEST_TMPDIR/pipe"
    fi
    [ "$status" = 2 ] && [ "$(wc -l <"$TEST_TMPDIR/error")" = 1 ] ||
      fail "$program, $sink: $status, $(cat "$TEST_TMPDIR/error")"
  done
done

# Lines of code: from the first function or class on, without blank lines, comments, and lines of brackets alone.  In
# Python a statement counts as one line, however black lays it out.
code() {
  if [[ $1 == *.py ]]; then
    sed -n '/^class /,$p' "$1" |
      python3 -c 'import sys, tokenize
print(sum(one.type == tokenize.NEWLINE for one in tokenize.generate_tokens(sys.stdin.readline)))'
    return
  fi
  sed -n '/^\(func\|class\) /,$p' "$1" | grep -vcE '^[[:space:]]*(([]})]|} else \{)*[[:space:]]*|(#|//).*)$'
}
for file in "$source" "$python"; do
  [ "$(code "$file")" -le $most ] || fail "$(basename "$file") has $(code "$file") lines of code, above $most"
done
grep -E '^(import|from)' "$python" | grep -vE ' (bisect|os|re|sys|types|typing)' && fail "the Python needs more"
[ -z "$(gofmt -l "$source")" ] || fail "gofmt has another form of the Go"
go vet "$source" || fail "go vet"

[ $failures = 0 ] || exit 1
echo "both checkers refuse alike; $(code "$source") and $(code "$python") lines of code"
