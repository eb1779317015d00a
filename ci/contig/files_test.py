#!/usr/bin/env python3
"""files_test.py: a file is replaced whole or not at all; a folder has one run at a time; nothing is left behind."""
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, HERE)
from contig import environment, files  # noqa: E402
from contig.tool import Problem  # noqa: E402

# Writes a big record again and again, until it is killed.
WRITER = (
    """
import sys
sys.path.insert(0, %r)
from contig import files
while True:
    for text in ("a", "b"):
        files.write_json(sys.argv[1], [text] * 20000)
"""
    % HERE
)
APPENDER = (
    """
import sys
sys.path.insert(0, %r)
from contig import files
for i in range(20):
    files.append_line(sys.argv[1], sys.argv[2] + " " + str(i), "head\\n")
"""
    % HERE
)


class Folder(unittest.TestCase):
    def setUp(self) -> None:
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = self.temporary.name
        self.file = os.path.join(self.folder, "record.json")

    def tearDown(self) -> None:
        self.temporary.cleanup()

    def text(self) -> str:
        with open(self.file, encoding="utf-8") as text:
            return text.read()


class Whole(Folder):
    def test_replaced(self) -> None:
        files.write(self.file, "old")
        os.chmod(self.file, 0o640)
        files.write(self.file, "new")
        self.assertEqual(self.text(), "new")
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o640)
        self.assertEqual(os.listdir(self.folder), ["record.json"])

    def test_failed_writer_changes_nothing(self) -> None:
        files.write(self.file, "old")
        with self.assertRaises(ZeroDivisionError):
            with files.replacing(self.file) as out:
                out.write(b"half")
                out.flush()
                raise ZeroDivisionError
        self.assertEqual(self.text(), "old")
        self.assertEqual(os.listdir(self.folder), ["record.json"])

    def test_limit_of_size_changes_nothing(self) -> None:
        files.write(self.file, "old")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
        try:
            with self.assertRaisesRegex(Problem, "record.json' cannot be written: File too large"):
                files.write(self.file, "x" * 100000)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        self.assertEqual(self.text(), "old")
        self.assertEqual(os.listdir(self.folder), ["record.json"])

    def test_killed_writers(self) -> None:
        for _ in range(20):
            with subprocess.Popen([sys.executable, "-c", WRITER, self.file]) as writer:
                while not os.path.exists(self.file):
                    time.sleep(0.01)
                time.sleep(0.02)
                writer.kill()
            self.assertIn(json.loads(self.text())[0], "ab")

    def test_link_and_device(self) -> None:
        target = os.path.join(self.folder, "target")
        files.write(target, "old")
        os.symlink("target", self.file)
        files.write(self.file, "new")
        self.assertTrue(os.path.islink(self.file))
        self.assertEqual(files.read(target), "new")
        files.write("/dev/null", "gone")
        with self.assertRaisesRegex(Problem, "/dev/full"):
            files.write("/dev/full", "x")
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/full").st_mode))

    def test_refusals(self) -> None:
        for path in (os.path.join(self.folder, "none/x"), self.folder, "/proc/x", "/dev/null/x"):
            with self.assertRaises(Problem):
                files.write(path, "x")
        files.write(self.file, b"\xff{")
        with self.assertRaisesRegex(Problem, "not UTF-8"):
            files.read_json(self.file)
        files.write(self.file, "{")
        with self.assertRaisesRegex(Problem, "record.json' is not JSON"):
            files.read_json(self.file)
        with self.assertRaisesRegex(Problem, "none"):
            files.read_json(os.path.join(self.folder, "none"))
        with self.assertRaisesRegex(Problem, "'/dev/zero' has more than 1 MiB"):
            with mock.patch.object(files, "MOST_BYTES", 1 << 20):
                files.read("/dev/zero")
        files.write(self.file, "a\r\nb\n")
        self.assertEqual(files.read(self.file), "a\nb\n")


class Together(Folder):
    def test_lines_of_two_writers(self) -> None:
        writers = [
            subprocess.Popen([sys.executable, "-c", APPENDER, self.file, name]) for name in "xyz"
        ]
        self.assertEqual([writer.wait() for writer in writers], [0, 0, 0])
        lines = self.text().splitlines()
        self.assertEqual(lines[0], "head")
        self.assertEqual(
            sorted(lines[1:]), sorted("%s %d" % (name, i) for name in "xyz" for i in range(20))
        )

    def test_lock(self) -> None:
        with files.lock(self.folder):
            with self.assertRaisesRegex(Problem, "another run works in .*: paint later"):
                with files.lock(self.folder, hint="paint later"):
                    self.fail("two are inside")
        with files.lock(self.folder):
            self.assertEqual(os.listdir(self.folder), [])

    def test_lock_ends_with_its_holder(self) -> None:
        program = (
            "import sys, time; sys.path.insert(0, %r)\nfrom contig import files\n"
            "with files.lock(sys.argv[1]):\n    print('in', flush=True)\n    time.sleep(60)\n"
            % HERE
        )
        with subprocess.Popen(
            [sys.executable, "-c", program, self.folder], stdout=subprocess.PIPE
        ) as holder:
            assert holder.stdout is not None
            holder.stdout.readline()
            with self.assertRaises(Problem):
                with files.lock(self.folder):
                    self.fail("two are inside")
            holder.send_signal(signal.SIGKILL)
            holder.wait()
            with files.lock(self.folder, wait_seconds=5):
                pass


class Places(Folder):
    def test_output_folder(self) -> None:
        out = os.path.join(self.folder, "new/deep")
        files.output_folder(out)
        files.output_folder(out)
        self.assertEqual(files.read(os.path.join(out, ".gitignore")), "*\n")
        files.write(self.file, "mine")
        files.output_folder(self.folder)
        self.assertFalse(os.path.exists(os.path.join(self.folder, ".gitignore")))
        for path in (self.file, self.file + "/x", "/proc/x", "/dev/null/x"):
            with self.assertRaises(Problem):
                files.output_folder(path)

    def test_temporary(self) -> None:
        before = {
            name: os.environ.pop(name) for name in ("TMPDIR", "TEST_TMPDIR") if name in os.environ
        }
        try:
            os.environ["TMPDIR"] = self.folder
            with files.temporary("paint") as one:
                self.assertTrue(one.startswith(self.folder + "/paint-"))
            self.assertEqual(os.listdir(self.folder), [])
            os.environ["TMPDIR"] = os.path.join(self.folder, "none")
            with self.assertRaisesRegex(Problem, "TMPDIR is .*none"):
                with files.temporary("paint"):
                    self.fail("a folder somewhere else")
        finally:
            os.environ.pop("TMPDIR")
            os.environ.update(before)


class Home(Folder):
    """A folder that others can write to, or made, is no HOME: Bazel would run what they put there."""

    def setUp(self) -> None:
        super().setUp()
        self.before = {
            name: os.environ.pop(name, None) for name in ("HOME", "TMPDIR", "TEST_TMPDIR")
        }
        os.environ["TMPDIR"] = self.folder

    def tearDown(self) -> None:
        for name, value in self.before.items():
            os.environ.pop(name, None)
            os.environ.update({} if value is None else {name: value})
        super().tearDown()

    def own(self) -> str:
        return os.path.join(self.folder, "contig-home-%d" % os.getuid())

    def test_good_home_is_kept(self) -> None:
        home = os.path.join(self.folder, "my home")
        os.mkdir(home, 0o755)
        os.environ["HOME"] = home
        self.assertEqual(environment.home(), home)

    def test_bad_homes(self) -> None:
        open_to_all = os.path.join(self.folder, "open")
        os.mkdir(open_to_all)
        os.chmod(open_to_all, 0o1777)
        for home in ("", "relative", "/nonexistent", "/dev/null", open_to_all):
            os.environ["HOME"] = home
            self.assertEqual(environment.home(), self.own(), home)
        self.assertEqual(stat.S_IMODE(os.stat(self.own()).st_mode), 0o700)
        self.assertEqual(environment.home(), self.own())

    def test_planted(self) -> None:
        os.environ["HOME"] = "/nonexistent"
        os.mkdir(self.own())
        os.chmod(self.own(), 0o777)
        self.assertNotEqual(environment.home(), self.own())
        os.rmdir(self.own())
        os.symlink("/", self.own())
        self.assertNotEqual(environment.home(), self.own())

    def test_environment(self) -> None:
        os.environ["HOME"] = self.folder
        os.environ["FRAMAC_WP_CACHE"] = "update"
        self.addCleanup(os.environ.pop, "FRAMAC_WP_CACHE")
        self.assertLessEqual(set(environment.clean()), set(environment.KEPT) | {"LC_ALL"})
        self.assertEqual(environment.clean()["PATH"], os.environ["PATH"])


if __name__ == "__main__":
    unittest.main()
