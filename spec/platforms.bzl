"""platforms.bzl: the names of the platforms for Bazel: the rows of spec/platform.h, the default first."""

PLATFORMS = [
    "linux",
    "windows_64",
    "plan9",
]
