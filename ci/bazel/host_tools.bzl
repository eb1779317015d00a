"""Programs of the machine as Bazel files.

A test that depends on @host_tools//:NAME has the program's content in its key: after an upgrade of a prover
no proof is taken from the cache.  A program that is not installed is an empty target, so that the tree loads
everywhere; the test that needs it says what is missing.
"""

_TOOLS = [
    "clang",
    "csmith",
    "cvc4",
    "cvc5",
    "frama-c",
    "gcc",
    "spin",
    "why3",
    "z3",
]

def _host_tools_impl(ctx):
    lines = ["package(default_visibility = [\"//visibility:public\"])"]
    for tool in _TOOLS:
        path = ctx.which(tool)
        if path:
            ctx.symlink(path, "bin/" + tool)
        lines.append("filegroup(name = %r, srcs = %r)" % (tool, ["bin/" + tool] if path else []))
    ctx.file("WORKSPACE", "")
    ctx.file("BUILD", "\n".join(lines) + "\n", executable = False)

host_tools = repository_rule(
    implementation = _host_tools_impl,
    configure = True,
    environ = ["PATH"],
    local = True,
)
