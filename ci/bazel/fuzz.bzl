"""cc_fuzz_test: one fuzz target, built for whichever engine the command line chooses."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")
load("@rules_shell//shell:sh_binary.bzl", "sh_binary")

def cc_fuzz_test(
        name,
        srcs,
        corpus = [],
        dictionary = None,
        deps = [],
        copts = [],
        size = "small",
        timeout = None,
        shard_count = None,
        tags = []):
    """Declares a fuzz target and its corpus.

    Makes NAME, a test that runs the target once on each corpus file; NAME_bin, the program; and NAME_run, for
    `bazel run --config=libfuzzer //fuzz:NAME_run -- -max_total_time=60` (or --config=afl ... -- -V 60).

    Args:
      name: of the test
      srcs: C files, one of which defines LLVMFuzzerTestOneInput
      corpus: seed files
      dictionary: a file of tokens, in the form that libFuzzer and AFL++ share
      deps: cc_library targets
      copts: as for cc_library
      size: of the test
      timeout: of the test
      shard_count: of the test; each shard replays its part of the corpus
      tags: of the test; "fuzz" is added
    """
    cc_library(
        name = name + "_lib",
        testonly = True,
        srcs = srcs,
        copts = copts,
        tags = ["manual"],
        deps = deps,
        alwayslink = True,
    )
    native.filegroup(
        name = name + "_corpus",
        testonly = True,
        srcs = corpus,
        visibility = ["//proofs/defects:__pkg__", "//src/conform:__subpackages__"],
    )
    program = [":" + name + "_lib", "//ci/bazel:engine"]
    seeds = ["$(rootpaths :%s_corpus)" % name] if corpus else []

    cc_test(
        name = name,
        size = size,
        timeout = timeout,
        args = seeds,
        data = [":" + name + "_corpus"],
        linkstatic = True,
        shard_count = shard_count,
        tags = tags + ["fuzz"],
        deps = program,
    )
    cc_binary(
        name = name + "_bin",
        testonly = True,
        linkstatic = True,
        tags = ["manual"],
        deps = program,
    )
    sh_binary(
        name = name + "_run",
        testonly = True,
        srcs = ["//ci/bazel:fuzz_run.sh"],
        args = select({
            "//ci/bazel:engine_afl": ["afl"],
            "//ci/bazel:engine_libfuzzer": ["libfuzzer"],
            "//conditions:default": ["replay"],
        }) + [
            name,
            "$(rootpath :%s_bin)" % name,
            "$(rootpath %s)" % dictionary if dictionary else "-",
        ] + seeds + ["--"],
        data = [":" + name + "_bin", ":" + name + "_corpus"] + ([dictionary] if dictionary else []),
        tags = ["manual"],
    )
