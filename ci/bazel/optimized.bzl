"""optimized_binary: a program as `bazel build -c opt` makes it, whatever the command line says of modes and flags.

For tests that count what the compiler made: under sanitizers or without optimisation they would count another program.
"""

def _transition_impl(settings, attr):
    return {
        "//command_line_option:compilation_mode": "opt",
        # What .bazelrc says for every build.
        "//command_line_option:copt": ["-Wall", "-Wextra", "-Werror"],
        "//command_line_option:linkopt": [],
    }

_optimized = transition(
    implementation = _transition_impl,
    inputs = [],
    outputs = [
        "//command_line_option:compilation_mode",
        "//command_line_option:copt",
        "//command_line_option:linkopt",
    ],
)

def _optimized_binary_impl(ctx):
    program = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = program, target_file = ctx.executable.binary, is_executable = True)
    return [DefaultInfo(executable = program, runfiles = ctx.runfiles(files = [program]))]

optimized_binary = rule(
    implementation = _optimized_binary_impl,
    attrs = {
        "binary": attr.label(mandatory = True, executable = True, cfg = _optimized),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    executable = True,
)
