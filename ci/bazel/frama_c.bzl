"""core_proof_test: one unit of src/core is proved, in the file that is compiled."""

load("@rules_shell//shell:sh_test.bzl", "sh_test")

HOST_TOOLS = [
    "@host_tools//:clang",
    "@host_tools//:cvc4",
    "@host_tools//:frama-c",
    "@host_tools//:gcc",
    "@host_tools//:why3",
    "@host_tools//:z3",
]

def core_proof_test(unit, smoke_in_every_build):
    """Declares the test UNIT, which fails if a goal is open, and UNIT_smoke, which fails if no call is possible.

    Between the provers' runs Frama-C and Why3 compute and wait on one processor.  So two provers run side by side in
    each test, and Bazel still counts one processor for it.

    Args:
      unit: name of a file of src/core without its extension
      smoke_in_every_build: False leaves UNIT_smoke to ci/nightly: each refutation that must fail takes its time
    """
    native.genrule(
        name = unit + "_inputs",
        testonly = True,
        srcs = [
            "goals.json",
            "hints.json",
            "//spec:sources",
            "//proofs/laws:sources",
            "//src/core:sources",
        ],
        outs = [
            unit + ".tar",
            unit + ".goals.json",
            unit + ".hints.json",
        ],
        cmd = "python3 $(execpath pack.py) %s $(OUTS)" % unit,
        tags = ["manual"],
        tools = [
            "pack.py",
            ":scripts",
            "//ci/contig",
        ],
    )
    for name, options, tags in [
        (unit, [], []),
        # Contradictory requirements would prove anything.
        (unit + "_smoke", ["--smoke-quick"], [] if smoke_in_every_build else ["manual"]),
    ]:
        sh_test(
            name = name,
            srcs = ["prove_unit.sh"],
            args = [
                unit,
                "$(rootpath %s.tar)" % unit,
                "$(rootpath %s.goals.json)" % unit,
                "$(rootpath %s.hints.json)" % unit,
                "--jobs=2",
            ] + options,
            data = [
                unit + ".goals.json",
                unit + ".hints.json",
                unit + ".tar",
                ":scripts",
            ] + HOST_TOOLS,
            tags = ["proof"] + tags,
            timeout = "eternal",
        )
