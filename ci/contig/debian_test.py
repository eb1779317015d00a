#!/usr/bin/env python3
"""debian_test.py: a module that is not there is named with its package; another Python hands over to Debian's."""
import os
import sys
import unittest
from unittest import mock

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from contig import debian  # noqa: E402
from contig.tool import Problem  # noqa: E402


class Debian(unittest.TestCase):
    """debian.py"""

    def test_each_module(self) -> None:
        for name, package in debian.PACKAGES.items():
            with self.subTest(name=name), mock.patch.dict(sys.modules, {name: None}):
                with self.assertRaisesRegex(Problem, rf"no module {name}; .*\(package {package}\)"):
                    debian.module(name)

    def test_another_interpreter(self) -> None:
        with (
            mock.patch.object(sys, "executable", "/opt/python/bin/python3"),
            mock.patch.object(sys, "orig_argv", ["python3", "-B", "tool", "--word"]),
            mock.patch.object(os, "access", return_value=True),
            mock.patch.object(os, "execv") as execv,
        ):
            debian.use()
        execv.assert_called_once_with(debian.PYTHON, [debian.PYTHON, "-B", "tool", "--word"])

    def test_same_interpreter(self) -> None:
        with (
            mock.patch.object(sys, "executable", debian.PYTHON),
            mock.patch.object(os, "execv") as execv,
        ):
            debian.use()
        execv.assert_not_called()


if __name__ == "__main__":
    unittest.main()
