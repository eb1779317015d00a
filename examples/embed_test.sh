#!/bin/sh
# embed_test.sh README: the commands of the README, letter by letter, build the examples with plain cc, and they run; so
# do goroutines in a shared object.
set -eu
readme=$(realpath "$1")
root=$(dirname "$readme")
out=${TEST_TMPDIR:-$(mktemp -d)}

# A copy of the sources, so that what the commands write does not land in the tree.
(cd "$root" && tar -c src/core src/runtime src/contig.h spec examples) | tar -x -C "$out"
cd "$out"
[ "$(grep -c '^    cc -O2 -I\. ' "$readme")" -eq 2 ] || {
  echo "embed_test: the README does not have two commands that build" >&2
  exit 1
}
grep '^    cc -O2 -I\. ' "$readme" | sed 's/^    //' >commands
sh -eu commands

# shows PROGRAM PATTERN...: it ends well and prints a line for each pattern
shows() {
  program=$1
  shift
  "./$program" >printed || {
    echo "embed_test: $program failed" >&2
    cat printed >&2
    exit 1
  }
  for pattern in "$@"; do
    grep -q -e "$pattern" printed || {
      echo "embed_test: $program does not print '$pattern'" >&2
      cat printed >&2
      exit 1
    }
  done
}

shows embed "^goroutine 3: 2048 -> 4096 bytes" "-> 4194304 bytes" "= 5000050000$"
shows embed_core "^ *2048 -> *4096 bytes" "4096 -> *2048 bytes" "^1 + ... + 100000 = 5000050000"

# The loader looks up nothing on a goroutine's stack: no call from one goes through its table.
cc -O2 -I. -fPIC -shared -Wl,-z,lazy -Wl,-z,text \
  examples/embed.S src/core/chan/*.c src/core/heap/*.c src/core/move/*.c src/runtime/*.c \
  src/runtime/arch/x86_64/*.S -o libembed.so
cc -O2 -I. -fPIE -pie -Wl,-z,lazy examples/embed.c ./libembed.so -o embed_shared
shows embed_shared "^goroutine 3: 2048 -> 4096 bytes" "-> 4194304 bytes" "= 5000050000$"
readelf -rW libembed.so >relocations
grep -q 'JUMP_SLOT.* stackfree\>' relocations || {
  echo "embed_test: not a relocation of a call in libembed.so" >&2
  exit 1
}
calls='morestack|yield|park|exit|systemstack|throw|mcall|leave|chansend|chanrecv|selectgo|closechan'
deferred='deferproc|deferprocstack|deferreturn|panic|panic_begin|panic_next|quit|recover'
goroutines="sum|add_level|contig_($calls|$deferred)"
! grep -E "JUMP_SLOT.* ($goroutines)\>" relocations || {
  echo "embed_test: calls on a goroutine's stack wait for the loader" >&2
  exit 1
}

[ "$(grep -c . examples/embed.c)" -le 40 ] && [ "$(wc -l <examples/embed_core.c)" -lt 300 ] || {
  echo "embed_test: an example is longer than it promises" >&2
  exit 1
}
