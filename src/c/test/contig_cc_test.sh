#!/usr/bin/env bash
# contig_cc_test.sh CONTIG_CC FLAGS_OF_THE_KIT MEMORY.c: what contig-cc takes from builds, and what it refuses to link.
set -euo pipefail
contig_cc=("$(realpath "$1")" "--kit=$(dirname "$(realpath "$2")")")
memory=$(realpath "$3")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cd "$out"

fail() {
  echo "contig_cc_test: $1" >&2
  cat said >&2
  exit 1
}

# answers STATUS SENTENCE WORD...: contig-cc with these words ends so, and says so
answers() {
  local wanted=$1 sentence=$2 status=0
  shift 2
  "${contig_cc[@]}" "$@" >said 2>&1 || status=$?
  [ $status -eq "$wanted" ] || fail "$*: status $status, not $wanted"
  [ -z "$sentence" ] || grep -q -e "$sentence" said || fail "$*: no '$sentence'"
}

# A build with a dependency file, an archive, and an object that stays on the system stack.
printf 'int host(int x); int host(int x) { return 2 * x; }\n' >host.c
printf 'int part(int x); int host(int); int part(int x) { return host(x) + 1; }\n' >part.c
cat >main.c <<'MAIN'
#include <contig_c.h>
int part(int);
int main(void) { return part(20) + (contig_c_self() != 1); }
MAIN
clang-14 -c host.c
answers 0 '' -O2 -Wall -MMD -MF part.d -pthread -c part.c
grep -q 'part\.c' part.d || fail "no dependencies"
ar rc libpart.a part.o
answers 0 '' main.c -L. libpart.a host.o -Wl,-O1 -o program
status=0
./program || status=$?
[ $status -eq 41 ] || fail "the program ended with status $status"

# safe-stack alone leaves an address of the stack in a register.
clang-14 -O2 -fno-pie -fsplit-stack -fsanitize=safe-stack -c "$memory" -o memory.o
answers 1 'function many at .*: .* keeps an address of the stack over a call' memory.o -o refused
[ ! -e refused ] || fail "a refused program was made"

printf '#include <pthread.h>\nint main(void) { return pthread_create(0, 0, 0, 0); }\n' >thread.c
answers 2 'pthread_create cannot be used on goroutines: one thread' thread.c -o refused
printf 'void contig_yield(void);\nint main(void) { contig_yield(); return 0; }\n' >yield.c
answers 2 'contig_yield cannot be used on goroutines: it is for assembly' yield.c -o refused
answers 2 'nothing that runs on goroutines' host.o -o refused
answers 2 "'nothing.o': No such file" nothing.o -o refused
answers 2 'no main\|undefined reference' part.o -o refused

# What growth has cost is written where CONTIG_STATISTICS says, and a file that cannot be is named.
cat >deep.c <<'DEEP'
__attribute__((noinline)) static int deep(int n)
{
    volatile int kept = n;
    return n == 0 ? 0 : deep(n - 1) + kept;
}
int main(void) { return deep(100) != 5050; }
DEEP
answers 0 '' -O2 deep.c -o deep
CONTIG_STATISTICS=cost ./deep
grep -q '^[1-9][0-9]* growths, [1-9][0-9]* bytes copied$' cost || fail "statistics: $(cat cost)"
grown=$(cut -d ' ' -f 1 cost)
CONTIG_FORCE_MOVES=1 CONTIG_STATISTICS=cost ./deep
[ "$(cut -d ' ' -f 1 cost)" -gt $((grown + 90)) ] || fail "moves: $(cat cost)"
CONTIG_STATISTICS=/dev/full ./deep 2>said
grep -q 'contig: /dev/full cannot be written' said || fail "a lost file is not told"

# A function that was split, and a variadic one, have their names of the source, and count as one.
cat >names.c <<'NAMES'
#include <contig_c.h>
#include <stdarg.h>
#include <stdio.h>
long deep(long n, ...);
long known(const long *n);
__attribute__((noinline)) long known(const long *n)
{
    return __builtin_expect(*n < 2, 1) ? *n : deep(*n - 1, *n) + 1;
}
long deep(long n, ...)
{
    va_list list;
    va_start(list, n);
    long sum = va_arg(list, long) + known(&n);
    va_end(list);
    return sum;
}
int main(void)
{
    struct contig_c_function function;
    printf("%ld\n", known(&(long){300}));
    for (int i = 0; contig_c_read_function(i, &function); i++)
        puts(function.name);
    return 0;
}
NAMES
answers 0 '' -O2 names.c -o names
nm names >said
grep -q ' known\.slow$' said || fail "the function is not split"
CONTIG_FORCE_MOVES=1 ./names >said
[ "$(head -n 1 said)" = 45449 ] || fail "the function gives something else"
for name in known deep; do
  [ "$(grep -c "^$name$" said)" -eq 1 ] || fail "$name is named otherwise"
done

# Variadic functions, of an archive and on the system stack, with arguments in registers and on the stack.
cat >sum.c <<'SUM'
#include <stdarg.h>
int NAME(int n, ...);
int NAME(int n, ...)
{
    int sum = 0;
    va_list list;
    va_start(list, n);
    while (n-- > 0)
        sum += va_arg(list, int);
    va_end(list);
    return sum;
}
SUM
cat >sums.c <<'SUMS'
int here(int n, ...);
int host(int n, ...);
int main(void)
{
    int (*by_pointer)(int, ...) = host;
    int few = here(2, 1, 2) + host(2, 3, 4) + by_pointer(1, 5);
    return few + host(8, 1, 2, 3, 4, 5, 6, 7, 8) + by_pointer(7, 1, 1, 1, 1, 1, 1, 1);
}
SUMS
clang-14 -DNAME=host -c sum.c -o host.o
answers 0 '' -O2 -DNAME=here -c sum.c -o here.o
ar rc libhere.a here.o
answers 0 '' -O2 sums.c libhere.a host.o -o sums
status=0
./sums || status=$?
[ $status -eq 58 ] || fail "the sums are $status"
nm sums >said
for name in host contig_c_registers_host; do
  grep -q " contig_c_stub_$name$" said || fail "there is no stub for $name"
done
