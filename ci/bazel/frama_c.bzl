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

def core_proof_test(unit, smoke_in_every_build, jobs):
    """Declares the test UNIT, which fails if a goal is open, and UNIT_smoke, which fails if no call is possible.

    Frama-C itself computes goals on one processor between the provers' runs, so on a machine with several it is two
    proofs side by side that keep them busy, as a rule, and not one proof with several provers.

    Args:
      unit: name of a file of src/core without its extension
      jobs: provers that run at a time: 1, or 2 where one prover would mostly wait for the other to give up
      smoke_in_every_build: False leaves UNIT_smoke to ci/nightly: each refutation that must fail takes its time
    """
    native.genrule(
        name = unit + "_inputs",
        testonly = True,
        srcs = [
            "goals.json",
            "//spec:sources",
            "//src/core:sources",
        ],
        outs = [
            unit + ".tar",
            unit + ".goals.json",
        ],
        cmd = "python3 $(execpath pack.py) %s $(OUTS)" % unit,
        tags = ["manual"],
        tools = [
            "pack.py",
            ":scripts",
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
                "--jobs=%d" % jobs,
            ] + options,
            data = [
                unit + ".goals.json",
                unit + ".tar",
                ":scripts",
            ] + HOST_TOOLS,
            tags = [
                "cpu:%d" % jobs,
                "proof",
            ] + tags,
            timeout = "eternal",
        )
