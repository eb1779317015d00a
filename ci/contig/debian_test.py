#!/usr/bin/env python3
"""debian_test.py: a module that is not there is named with its package; another Python hands over to Debian's."""
import os
import sys
import unittest
from unittest import mock

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from contig import debian, tool  # noqa: E402


class Debian(unittest.TestCase):
    """debian.py"""

    def test_each_module(self) -> None:
        for name, package in debian.PACKAGES.items():
            with self.subTest(name=name), mock.patch.dict(sys.modules, {name: None}):
                with self.assertRaisesRegex(
                    tool.Problem, rf"no module {name}; .*\(package {package}\)"
                ):
                    debian.module(name)

    def test_require(self) -> None:
        debian.require("os")
        for executable, handed_over in ((debian.PYTHON, False), ("/opt/bin/python3", True)):
            with (
                self.subTest(executable=executable),
                mock.patch.dict(sys.modules, {"z3": None}),
                mock.patch.object(sys, "executable", executable),
                mock.patch.object(sys, "prefix", sys.base_prefix),
                mock.patch.object(os, "access", return_value=True),
                mock.patch.object(os, "execv") as execv,
                mock.patch.object(tool, "say") as say,
                self.assertRaises(SystemExit) as ended,
            ):
                debian.require("os", "z3")
            self.assertEqual((execv.called, ended.exception.code), (handed_over, 2))
            self.assertRegex(say.call_args[0][1], r"no module z3; .*\(package python3-z3\)")

    def test_another_interpreter(self) -> None:
        with (
            mock.patch.object(sys, "executable", "/opt/python/bin/python3"),
            mock.patch.object(sys, "orig_argv", ["python3", "-B", "tool", "--word"]),
            mock.patch.object(os, "access", return_value=True),
            mock.patch.object(os, "execv") as execv,
        ):
            debian.use()
        execv.assert_called_once_with(debian.PYTHON, [debian.PYTHON, "-B", "tool", "--word"])

    def test_virtual_environment(self) -> None:
        with (
            mock.patch.object(sys, "executable", debian.PYTHON),
            mock.patch.object(sys, "prefix", "/opt/venv"),
            mock.patch.object(os, "access", return_value=True),
            mock.patch.object(os, "execv") as execv,
        ):
            debian.use()
        execv.assert_called_once()

    def test_same_interpreter(self) -> None:
        with (
            mock.patch.object(sys, "executable", debian.PYTHON),
            mock.patch.object(sys, "prefix", sys.base_prefix),
            mock.patch.object(os, "execv") as execv,
        ):
            debian.use()
        execv.assert_not_called()


if __name__ == "__main__":
    unittest.main()
