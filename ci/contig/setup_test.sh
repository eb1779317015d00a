#!/usr/bin/env bash
# setup_test.sh SETUP: ci/setup on a machine that is a folder: its programs are links, and apt-get, dpkg-query, id and
# sudo are the test's own.  What apt-get installs is there afterwards; what it does not is named, and nothing else.
set -euo pipefail
setup=$(realpath "$1")
out=${TEST_TMPDIR:-$(mktemp -d)}
bin=$out/bin

fail() {
  echo "setup_test: $1" >&2
  cat "$out/output" "$out/messages" "$out/apt" >&2
  exit 1
}

# Runs ci/setup with the folder as its whole PATH, and compares its status.
ends() {
  local wanted=$1 status=0
  shift
  : >"$out/apt"
  PATH=$bin /bin/bash "$setup" "$@" >"$out/output" 2>"$out/messages" </dev/null || status=$?
  [ $status -eq "$wanted" ] || fail "status $status instead of $wanted for '$*'"
}

# program NAME LINE...: a program of the test's own.
program() {
  local name=$1
  shift
  printf '%s\n' '#!/bin/bash' "$@" >"$bin/$name"
  chmod +x "$bin/$name"
}

# Nothing is there but what ci/setup itself runs: it names every tool, and so the test has no list of them.
mkdir "$bin"
for name in cat dirname env sed sort; do
  ln -s "$(command -v "$name")" "$bin/$name"
done
: >"$out/installed"
program dpkg-query "cat '$out/installed'"
program id 'echo 0'
ends 1 --check
cp "$out/output" "$out/tools"
[ "$(wc -l <"$out/tools")" -ge 30 ] || fail "fewer than 30 tools"
! grep -vq '^missing: [^ ]* (Debian package [^ ]*)$' "$out/tools" || fail "another form of line"
ends 1
grep -q '^ci/setup: there is no apt-get here' "$out/messages" || fail "without apt-get"

# All that it named, but for one program and one library.
sed 's/^missing: \([^ ]*\) (Debian package \(.*\))$/\1 \2/' "$out/tools" >"$out/table"
while read -r name package; do
  [ -e "$bin/$name" ] || program "$name" 'exit 0'
  printf 'installed:%s ' "$package" >>"$out/installed"
done <"$out/table"
ends 0 --check
[ ! -s "$out/output" ] || fail "what is there is missing"
cp "$out/installed" "$out/all"

# machine LINE...: apt-get does as it says, and the rest of the machine is whole.
machine() {
  cp "$out/all" "$out/installed"
  program valgrind 'exit 0'
  program apt-get "echo \"\$*\" >>'$out/apt'" "$@"
}
installs_valgrind="case \$* in *' install '*) /bin/cp '$bin/dpkg-query' '$bin/valgrind' ;; esac"

machine "$installs_valgrind"
rm "$bin/valgrind"
ends 1 --check
[ "$(cat "$out/output")" = "missing: valgrind (Debian package valgrind)" ] || fail "--check"
[ ! -s "$out/apt" ] || fail "--check calls apt-get"
ends 0
[ "$(cat "$out/output")" = "ci/setup: installing valgrind" ] || fail "what it installs"
[ ! -s "$out/messages" ] || fail "messages of a success"
sed -i 's/^-qq -y -o [^ ]* //' "$out/apt"
[ "$(cat "$out/apt")" = $'update\ninstall --no-install-recommends valgrind' ] ||
  fail "what it asks of apt-get"
ends 0
[ ! -s "$out/apt" ] || fail "it installs what is there"

machine 'exit 0'
rm "$bin/valgrind"
ends 1
[ "$(cat "$out/messages")" = "ci/setup: still missing after the installation: valgrind." ] ||
  fail "a tool that was not installed"
sed -i 's/installed:zlib1g-dev //' "$out/installed"
ends 1
grep -qx 'ci/setup: still missing after the installation: zlib1g-dev valgrind\.' "$out/messages" ||
  fail "a library that was not installed"

machine 'exit 100'
rm "$bin/valgrind"
ends 100

# Somebody else than root needs sudo, and it runs all of apt-get.
machine "$installs_valgrind"
rm "$bin/valgrind"
program id 'echo 1000'
ends 1
[ "$(cat "$out/messages")" = "ci/setup: installing packages needs root, or sudo." ] ||
  fail "no sudo"
program sudo "echo sudo >>'$out/apt'" '"$@"'
ends 0
[ "$(grep -c '^sudo$' "$out/apt")" -eq 2 ] || fail "sudo ran something else"
echo "$(wc -l <"$out/table") tools"
