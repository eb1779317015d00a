"""symbols.py: what becomes of a name that C for goroutines refers to and does not define.

  direct    variables, and functions that run on the goroutine's stack: adapters of the runtime, and the leaves that the
            checker knows
  renamed   functions for which the runtime has its own: setjmp and longjmp, sigaction and signal
  stub      every other function runs on the system stack
  refused   what cannot work there either
"""
from collections.abc import Collection

from contig.tool import Problem

ADAPTERS = frozenset(
    """__morestack __safestack_unsafe_stack_ptr contig_c_chanrecv contig_c_chansend contig_c_exit contig_c_longjmp
    contig_c_panicked contig_c_park contig_c_selectgo contig_c_setjmp contig_c_sleep contig_c_throw
    contig_c_yield""".split()
)

RENAMED = {
    "_longjmp": "contig_c_longjmp",
    "__longjmp_chk": "contig_c_longjmp",
    "_setjmp": "contig_c_setjmp",
    "longjmp": "contig_c_longjmp",
    "setjmp": "contig_c_setjmp",
    "sigaction": "contig_c_sigaction",
    "signal": "contig_c_signal",
}

STUB = "contig_c_stub_"
# The plugin's, before the name of a variadic function where a call passes no argument on the stack.
IN_REGISTERS = "contig_c_registers_"

_THREADS = "one thread runs all goroutines: use contig_go_c"
_CONTEXTS = "it switches stacks itself: use contig_go_c and contig_c_yield"
# Of contig.h.
FOR_ASSEMBLY = (
    "contig_chanrecv contig_chansend contig_closechan contig_deferproc contig_deferprocstack contig_deferreturn "
    "contig_exit contig_panic contig_park contig_quit contig_recover contig_selectgo contig_sleep contig_systemstack "
    "contig_throw contig_yield".split()
)
_ASSEMBLY = "it is for assembly: contig_c.h has one for C"
REFUSED = {
    "__sigsetjmp": "it keeps the signal mask: use setjmp",
    "siglongjmp": "it restores the signal mask: use longjmp",
    "vfork": "parent and child would share a stack: use posix_spawn or fork",
    "pthread_create": _THREADS,
    "pthread_exit": _THREADS,
    "thrd_create": _THREADS,
    "getcontext": _CONTEXTS,
    "makecontext": _CONTEXTS,
    "setcontext": _CONTEXTS,
    "swapcontext": _CONTEXTS,
    "sigaltstack": "handlers have their stack from the runtime",
    "__tls_get_addr": "compile with -ftls-model=initial-exec, as contig-cc -c does",
    **dict.fromkeys(FOR_ASSEMBLY, _ASSEMBLY),
}

# All arguments are in registers: the stub need not copy any.  A name that is missing here costs 10 ns a call.
REGISTERS_ONLY = frozenset(
    """__assert_fail abort abs acos asin atan
    atan2 atof atoi atol bsearch calloc ceil clearerr clock clock_gettime close cos exit exp fclose feof ferror fflush
    fgetc fgets floor fmod fopen fputc fputs fread free freopen frexp fseek ftell fwrite getc getenv gmtime isatty
    ldexp localeconv localtime log log10 log2 lseek malloc memccpy mktime modf pow putc putchar puts qsort raise read
    realloc remove rename rewind setlocale setvbuf sin sqrt strcat strcoll strcpy strcspn strdup strerror
    strftime strncat strncmp strncpy strpbrk strspn strstr strtod strtol strtoul system tan time tmpfile tmpnam tolower
    toupper ungetc unlink write contig_c_local contig_c_read_function contig_c_read_statistics contig_c_reserve
    contig_c_scopes contig_c_self contig_c_sigaction contig_c_signal contig_go_c
    contig_ready""".split()
)


def direct(name: str, leaves: Collection[str]) -> bool:
    """Does the function with this name run on the goroutine's stack?"""
    return name in leaves or name in ADAPTERS or name.startswith(STUB)


def refuse(names: Collection[str]) -> None:
    """Raises if one of these is among what cannot work."""
    bad = sorted(name for name in names if name in REFUSED)
    if bad:
        raise Problem(
            "; ".join("%s cannot be used on goroutines: %s" % (n, REFUSED[n]) for n in bad)
        )


def meant(name: str) -> str:
    """The function that a name leads to: without the plugin's prefix; the runtime's own in place of some."""
    name = name.removeprefix(IN_REGISTERS)
    return RENAMED.get(name, name)


def _called(name: str) -> str:
    """What the stub for a name calls it: the plugin's names keep stubs of their own."""
    return name if name.startswith(IN_REGISTERS) else meant(name)


def stub(name: str) -> str:
    """The stub for a name."""
    return STUB + _called(name)


def stub_lines(names: Collection[str]) -> str:
    """The assembly file with a stub for each name."""
    lines = []
    for name in sorted({_called(name) for name in names}):
        in_registers = name in REGISTERS_ONLY
        if name.startswith(IN_REGISTERS):
            lines.append("    %s = %s" % (name, meant(name)))
            in_registers = True
        lines.append("STUB %s, %d" % (name, not in_registers))
    note = '.section .note.GNU-stack, "", @progbits'
    return "\n".join(['#include "src/c/arch/x86_64/stub.h"', "    .text", *lines, note, ""])
