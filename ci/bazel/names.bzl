"""names_test: the names that a linker sees in a library begin with its prefix."""

load("@rules_shell//shell:sh_test.bzl", "sh_test")

def names_test(library, prefix):
    """Declares the test names_test.

    Args:
      library: a cc_library of the package
      prefix: what each of its external names begins with
    """
    native.filegroup(
        name = "archive",
        srcs = [library],
        output_group = "archive",
    )
    sh_test(
        name = "names_test",
        size = "small",
        srcs = ["//src/testing:names_test.sh"],
        args = [prefix + " $(rootpaths :archive)"],
        data = [":archive"],
    )
