#!/bin/sh
# verify_test.sh VERIFY.py: what ci/verify writes is complete and fits its schema, and what falls short turns it red.
set -eu
verify=$(realpath "$1")
root=$(dirname "$(dirname "$(dirname "$verify")")")
out=${TEST_TMPDIR:-$(mktemp -d)}

fail() {
  echo "verify_test: $1" >&2
  exit 1
}

# //spec:requirements_test is the one to say whether this tree has gaps.
status=0
python3 "$verify" --only traceability --out "$out/good" >"$out/log" || status=$?
jq -e --argjson status $status '.schema == "contig-evidence-2" and .proof == null and .tests == null and .fuzz == null
  and (.verdict.passed == ($status == 0)) and (.verdict.passed == (.traceability.gaps == []))
  and (.traceability.requirements | length) >= 60 and (.source.sha256 | length) == 64' \
  "$out/good/evidence.json" >/dev/null || fail "evidence.json"
grep -q "not measured" "$out/good/index.html" || fail "index.html hides that nothing was measured"
grep -q "does not fit its schema" "$out/log" && fail "evidence.json does not fit spec/evidence.schema.json"

# A tree with a gap.
mkdir "$out/tree"
tar -c -C "$root" --exclude='*.gz' --exclude=corpus --exclude=__pycache__ \
  spec src proofs fuzz examples ci README.md SOUNDNESS.md | tar -x -C "$out/tree"
copied=$out/tree/ci/report/verify.py

# source DIR: the digest of the tree's sources, and how many there are.
source_of() {
  python3 "$copied" --only traceability --out "$1" >"$out/log" || [ $? -eq 1 ] || {
    cat "$out/log" >&2
    fail "the copy"
  }
  jq -c '[.source.sha256, .source.files]' "$1/evidence.json"
}

# Every name counts, and what a run leaves does not; in a checkout and without git.
for way in unpacked checkout; do
  [ $way = unpacked ] || git -C "$out/tree" init -q
  before=$(source_of "$out/tree/report-$way")
  [ "$(source_of "$out/tree/report-$way")" = "$before" ] ||
    fail "$way: the report of a run counts as a source of the next"
  count=$(echo "$before" | jq '.[1]')
  (cd "$out/tree/src/core" && touch 'ü.c' 'a"b.c' "a'b c.c" "$(printf 'new\nline.c')")
  [ "$(source_of "$out/tree/report-$way" | jq '.[1]')" -eq $((count + 4)) ] ||
    fail "$way: a strange name is not counted"
  (cd "$out/tree/src/core" && rm 'ü.c' 'a"b.c' "a'b c.c" "$(printf 'new\nline.c')")
done
rm -rf "$out/tree/.git" "$out/tree"/report-*

# A report needs modules that the set-up installs: they are asked for after it, and before the work.
for module in jinja2 jsonschema; do
  echo 'raise ImportError' >"$out/tree/ci/report/$module.py"
  status=0
  python3 "$copied" --only traceability --out "$out/module" >"$out/log" 2>&1 || status=$?
  [ $status -eq 2 ] && [ "$(wc -l <"$out/log")" -eq 1 ] &&
    grep -q "no module $module; .*python3-$module" "$out/log" || {
    cat "$out/log" >&2
    fail "without $module: $status"
  }
  printf '#!/bin/sh\nrm "%s"\n' "$out/tree/ci/report/$module.py" >"$out/tree/ci/setup"
  python3 "$copied" --only setup --only traceability --out "$out/module" >"$out/log" 2>&1 ||
    [ $? -eq 1 ] || {
    cat "$out/log" >&2
    fail "$module is asked for before the set-up"
  }
done

# What makes evidence sees no variable that the report does not know of; a target that cannot be built, of which
# fuzz/run reports nothing, does not keep the others from running.
cat >"$out/tree/fuzz/run" <<STUB
#!/bin/sh
env | sed 's/=.*//' | sort
while [ "\$1" != --json ]; do shift; done
echo '[]' >"\$2"
exit 1
STUB
FRAMAC_WP_CACHE=update FRAMAC_WP_CACHEDIR=/none WHY3CONFIG=/none \
  CFLAGS=-O0 ASAN_OPTIONS=x GODEBUG=x \
  python3 "$copied" --only fuzz --out "$out/clean" >"$out/log" 2>&1 || true
grep -q '^PATH$' "$out"/clean/fuzz_*.log || fail "fuzz/run was not started"
! grep -hE '^(FRAMAC_|WHY3|CFLAGS|ASAN_|GODEBUG)' "$out"/clean/fuzz_*.log ||
  fail "fuzz/run got a variable of the caller's"
jq -e '([.fuzz[].engine] | unique | length) == 2 and all(.fuzz[]; .note == "did not run")
  and (.verdict.short | length) == (.fuzz | length)' "$out/clean/evidence.json" >/dev/null ||
  fail "a target that cannot be built ends the fuzzing"

# HOME cannot be used, and somebody was first at the name of ours, in a folder for temporary files that all share: Bazel
# must not be led to what he put there.
mkdir "$out/bin" "$out/theirs" "$out/shared"
cat >"$out/bin/bazel" <<STUB
#!/bin/sh
[ ! -e "\$HOME/.bazelrc" ] || echo planted >>"$out/obeyed"
echo started >>"$out/bazel"
exit 1
STUB
chmod +x "$out/bin/bazel"
printf '#!/bin/sh\n' >"$out/tree/ci/setup"
taken=$out/shared/contig-home-$(id -u)

# obeyed COMMAND...: runs a tool beside the planted folder; whether its Bazel found what is in there.
obeyed() {
  rm -f "$out/obeyed" "$out/bazel"
  env -u TEST_TMPDIR HOME=/nonexistent TMPDIR="$out/shared" PATH="$out/bin:$PATH" "$@" \
    >"$out/log" 2>&1 || true
  [ -s "$out/bazel" ] || {
    cat "$out/log" >&2
    fail "$1 did not start Bazel"
  }
  [ -e "$out/obeyed" ]
}

touch "$out/theirs/.bazelrc"
for planted in open link stranger; do
  mkdir -m 700 "$taken"
  touch "$taken/.bazelrc"
  case $planted in
  open) chmod 777 "$taken" ;;
  link) rm -r "$taken" && ln -s "$out/theirs" "$taken" ;;
  stranger) chown 65534 "$taken" 2>/dev/null || chmod 770 "$taken" ;;
  esac
  ! obeyed "$out/tree/ci/test" || fail "ci/test obeys a planted .bazelrc: $planted"
  ! obeyed python3 "$copied" --only tests --out "$out/planted-$planted" ||
    fail "ci/verify obeys a planted .bazelrc: $planted"
  rm -r "$taken"
done

# With --keep_going Bazel tests the whole tree before it says that a target is not there: ci/test asks first.
cat >"$out/bin/bazel" <<STUB
#!/bin/sh
case " \$* " in *" --nobuild "*) ;; *) echo started >>"$out/bazel" ;; esac
for word; do
  case \$word in --build_event_json_file=*) record=\${word#*=} ;; esac
done
cat >"\$record" <<RECORD
{"id":{"pattern":{"pattern":["//src:right"]}}}
{"id":{"pattern":{"pattern":["//nosuch:all"]}},"aborted":{"description":"no such package\\nhere"}}
RECORD
exit 1
STUB

# refused ARGUMENT...: ci/test names the target that is not there, and tests nothing.
refused() {
  rm -f "$out/bazel"
  status=0
  PATH="$out/bin:$PATH" "$out/tree/ci/test" "$@" >"$out/log" 2>&1 || status=$?
  [ $status -eq 2 ] &&
    [ "$(cat "$out/log")" = "ci/test: there is no target '//nosuch:all': no such package." ] ||
    {
      cat "$out/log" >&2
      fail "ci/test $* ended with $status"
    }
  [ ! -e "$out/bazel" ] || fail "ci/test $* tests all the same"
}

refused //src:right //nosuch:all
refused --config=debian7 -- -//nosuch:all

# A run that a signal ends takes its children with it, and says what it has; meanwhile nobody else works in its folder.
cat >"$out/tree/fuzz/run" <<STUB
#!/bin/sh
echo \$\$ >>"$out/children"
exec sleep 300
STUB
python3 "$copied" --only fuzz --only traceability --out "$out/ended" >"$out/log" 2>&1 &
verify_process=$!
until [ -s "$out/children" ]; do sleep 0.1; done
status=0
python3 "$copied" --only traceability --out "$out/ended" >"$out/second" 2>&1 || status=$?
[ $status -eq 2 ] && grep -q "another run works in .*ended'.*--out" "$out/second" ||
  fail "two runs in one folder: $status"
kill -TERM $verify_process
status=0
wait $verify_process || status=$?
[ $status -eq 143 ] || fail "a run that SIGTERM ended has status $status"
! kill -0 "$(cat "$out/children")" 2>/dev/null || fail "a child outlived the run"
jq -e '(.verdict.passed | not) and (.traceability != null) and
  ([.verdict.short[] | select(test("ended by SIGTERM"))] | length) == 1' \
  "$out/ended/evidence.json" >/dev/null || fail "the report of a run that was ended"
cp "$root/fuzz/run" "$out/tree/fuzz/run"
printf '\n### COPY-99\nA stack is blue.\n\n*Source: ours. Evidence: test.*\n' >>"$out/tree/spec/copying.md"
status=0
python3 "$copied" --only traceability --out "$out/bad" >"$out/log" || status=$?
[ $status -eq 1 ] || {
  cat "$out/log" >&2
  fail "a gap ended with $status, not 1"
}
jq -e '(.verdict.passed | not) and (.traceability.gaps | length) >= 1' \
  "$out/bad/evidence.json" >/dev/null ||
  fail "the gap is not in evidence.json"
grep -q "COPY-99" "$out/bad/index.html" && grep -q "Something fell short" "$out/bad/index.html" ||
  fail "the gap is not in index.html"

# Wrong use.
status=0
python3 "$verify" --minutes -1 >"$out/log" 2>&1 || status=$?
[ $status -eq 2 ] && grep -q "'-1' is not a number of minutes" "$out/log" || fail "--minutes -1 ended with $status"
