"""targets.bzl: the one list of fuzz targets.

Bazel reads it (fuzz/BUILD), and so does ci/contig/targets.py for everything else: it holds literals alone.  A target is
a file fuzz/NAME.c with LLVMFuzzerTestOneInput, and has a row in fuzz/README.md with its purpose; ci/style/style.py
compares the three.
"""

# What fuzz/build compiles for a library of Bazel's: patterns of files, and other libraries that it needs.
LIBRARIES = {
    "//fuzz:mutate": ["fuzz/mutate.c", "//src/script"],
    "//fuzz:site_pages": ["fuzz/site_pages.c", "//src/core"],
    "//src:contig_h": [],
    "//src/bodies": ["src/bodies/x86_64/*.S"],
    "//src/cli:commands": ["src/cli/*demo*.c", "src/cli/command.c", "src/cli/replay.c"],
    "//src/command": ["src/command/*.c"],
    "//src/conform/moves": [
        "src/conform/moves/build.c",
        "src/conform/moves/moves.c",
        "src/conform/moves/read.c",
        "src/conform/moves/run.c",
        "src/conform/moves/shape.c",
        "//src/core",
    ],
    "//src/conform:options": ["src/conform/options.c", "src/conform/profile.c"],
    "//src/conform:replay": [
        "src/conform/*_rules.c",
        "src/conform/event.c",
        "src/conform/goroutines.c",
        "src/conform/index.c",
        "src/conform/objects.c",
        "src/conform/pools.c",
        "src/conform/profile.c",
        "src/conform/replay.c",
        "src/conform/requests.c",
        "src/conform/sizes.c",
        "src/conform/sweep.c",
        "src/conform/threads.c",
        "src/conform/verdict.c",
    ],
    "//src/core": ["src/core/chan/*.c", "src/core/heap/*.c", "src/core/move/*.c"],
    "//src/frames": ["src/frames/*.c", "src/frames/arch/x86_64/*.S"],
    "//src/harness": ["src/harness/*.c", "//src/frames", "//src/runtime", "//src/script"],
    "//src/harness:fresh_heap": ["//src/core"],
    "//src/runtime": ["src/runtime/*.c", "src/runtime/arch/x86_64/*.S", "//src/core"],
    "//src/runtime:number": [],
    "//src/script": ["src/script/*.c"],
}

# purpose: its row in fuzz/README.md.  deps: libraries, beside :target.  calls_core: it calls the core or the runtime so
# that its corpus counts for the branches of the core, and proofs/callers checks its calls; the others read text, or
# what a program says.  mutator: a file of fuzz/ that changes inputs, for both engines; mutator_deps: what it needs.
# dictionary: a file of fuzz/.  bytes: no input is longer.
TARGETS = {
    "script_fuzz": {
        "purpose": "whole scripts on real stacks, structure-aware mutator for both engines",
        "deps": ["//fuzz:mutate", "//src/harness"],
        "calls_core": True,
        "mutator": "script_mutator.c",
        "mutator_deps": ["//fuzz:mutate"],
        # Scripts of more than 64 operations only cost time.
        "bytes": 256,
    },
    "fault_fuzz": {
        "purpose": "the same with failing allocations, forced moves, preemption, no caches, small maxima, closed pages",
        "deps": ["//src/harness"],
        "calls_core": True,
        "bytes": 260,
    },
    "pool_fuzz": {
        "purpose": "stackalloc, stackfree, caches, GC phases and wrong calls, against a bitmap",
        "deps": ["//src/core", "//src/harness:fresh_heap"],
        "calls_core": True,
    },
    "cache_fuzz": {
        "purpose": "caches of several processors and the pools below them: no stack is in two places",
        "deps": ["//src/core", "//src/harness:fresh_heap"],
        "calls_core": True,
    },
    "unwind_fuzz": {
        "purpose": "site tables and stacks that are garbage, three walks that must agree",
        "deps": ["//fuzz:site_pages", "//src/core", "//src/harness:fresh_heap"],
        "calls_core": True,
    },
    "copystack_fuzz": {
        "purpose": "moves of arbitrary words under arbitrary maps, against a model written down again",
        "deps": ["//src/core", "//src/harness:fresh_heap"],
        "calls_core": True,
    },
    "growth_fuzz": {
        "purpose": "growth and shrinking against arithmetic that cannot wrap",
        "deps": ["//src/core", "//src/harness:fresh_heap"],
        "calls_core": True,
    },
    "outside_fuzz": {
        "purpose": "defers, panics and waiting channel slots that follow a move",
        "deps": ["//src/core", "//src/harness:fresh_heap"],
        "calls_core": True,
    },
    "parser_fuzz": {
        "purpose": "the text form of scripts",
        "deps": ["//src/script"],
        "dictionary": "script.dict",
        "bytes": 4096,
    },
    "trace_fuzz": {
        "purpose": "any bytes as a trace for `contig conform`",
        "deps": ["//src/conform/moves", "//src/conform:replay"],
        "dictionary": "trace.dict",
        "bytes": 4096,
    },
    "api_fuzz": {
        "purpose": "calls of `src/contig.h` in any order, from the program, callbacks and goroutines, against a model",
        "deps": ["//src/bodies", "//src/harness", "//src/harness:fresh_heap", "//src:contig_h"],
    },
    "options_fuzz": {
        "purpose": "any words as the command line of each command of `contig`",
        "deps": [
            "//src/bodies",
            "//src/cli:commands",
            "//src/command",
            "//src/conform:options",
            "//src/harness",
            "//src/runtime:number",
        ],
        "dictionary": "options.dict",
    },
}
