"""The external repositories of a build without a network, for Bazel versions that read WORKSPACE.

Bazel 4.2.3 declares repositories of its own (rules_cc, rules_java, the coverage tools) that it would download
even for a tree in C.  A repository of the same name in WORKSPACE goes first, so each is written here from
the rules that this Bazel has built in.
"""

load(":host_tools.bzl", "host_tools")

def _written_repository_impl(ctx):
    ctx.file("WORKSPACE", "workspace(name = %r)\n" % ctx.name)
    for path, text in ctx.attr.files.items():
        ctx.file(path, text, executable = False)

_written_repository = repository_rule(
    implementation = _written_repository_impl,
    attrs = {"files": attr.string_dict()},
)

def _from_native(*rules):
    return "\n".join(["%s = native.%s" % (rule, rule) for rule in rules]) + "\n"

def offline_repositories():
    """Declares every external repository that the tree or Bazel itself refers to."""
    _written_repository(
        name = "rules_cc",
        files = {
            "BUILD": "",
            "cc/BUILD": "",
            "cc/defs.bzl": _from_native(
                "cc_binary",
                "cc_import",
                "cc_library",
                "cc_test",
                "cc_toolchain",
                "cc_toolchain_suite",
            ),
        },
    )
    _written_repository(
        name = "rules_shell",
        files = {
            "BUILD": "",
            "shell/BUILD": "",
            "shell/sh_binary.bzl": _from_native("sh_binary"),
            "shell/sh_library.bzl": _from_native("sh_library"),
            "shell/sh_test.bzl": _from_native("sh_test"),
        },
    )

    # Loaded by @bazel_tools//tools/jdk in any build.
    _written_repository(
        name = "rules_java",
        files = {
            "BUILD": "",
            "java/BUILD": "",
            "java/defs.bzl": _from_native("java_import", "java_runtime", "java_toolchain"),
        },
    )

    # Every test depends on these two names, coverage wanted or not.
    _written_repository(
        name = "remote_coverage_tools",
        files = {
            "BUILD": "\n".join([
                "alias(name = %r, actual = %r, visibility = [\"//visibility:public\"])" %
                (name, "@//ci/bazel:lcov_tool")
                for name in ["coverage_report_generator", "lcov_merger"]
            ]) + "\n",
        },
    )
    host_tools(name = "host_tools")
