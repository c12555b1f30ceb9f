# SPDX-License-Identifier: GPL-2.0-only
"""What the tests of the command line share: a scratch directory, running
dmremap, images, and the assertions that say what they saw."""

import hashlib
import json
import os
import pathlib
import resource
import subprocess
import tempfile

from image import Image

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
TOOL = pathlib.Path(os.environ.get("DMREMAP", TOP / "tools" / "dmremap"))
KIB, MIB = 1024, 1024 * 1024
TIMEOUT = 60
MAIN = 8 * MIB    # of a main where its size does not matter

# a spare of each placement, with its number of copies
STRATEGIES = {"minimal": (36 * KIB, 2), "linear": (512 * KIB, 4), "geometric": (4 * MIB, 5)}


class Skip(Exception):
    """This test cannot run here, and why."""


class Run:
    """What a command did."""

    def __init__(self, args, done):
        self.args = args
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    def __str__(self):
        return f"$ dmremap {' '.join(self.args)}\n{self.out}{self.err}[exit {self.code}]"

    def says(self, *words):
        """Every one of these is somewhere in the output."""
        for w in words:
            assert w in self.out + self.err, f"{w!r} is not said:\n{self}"
        return self

    def silent(self, *words):
        for w in words:
            assert w not in self.out + self.err, f"{w!r} is said:\n{self}"
        return self

    @property
    def json(self):
        try:
            return json.loads(self.out)
        except ValueError as e:
            raise AssertionError(f"no JSON ({e}):\n{self}") from e


def scratch():
    """Where images go: memory if there is room, since every format syncs three times."""
    shm = "/dev/shm"
    if os.environ.get("TMPDIR") or not os.access(shm, os.W_OK):
        return None
    fs = os.statvfs(shm)
    return shm if fs.f_bavail * fs.f_frsize > 256 * MIB else None


class Bench:
    """A scratch directory with a main and spares, for one test."""

    def __init__(self):
        self._tmp = tempfile.TemporaryDirectory(prefix="dmremap-cli-", dir=scratch())
        self.dir = pathlib.Path(self._tmp.name)
        self.undo = []

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        for command in reversed(self.undo):
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           check=False)
        self._tmp.cleanup()

    def file(self, name, size=0):
        path = self.dir / name
        with open(path, "wb") as f:
            f.truncate(size)
        return str(path)

    def main(self, size=MAIN):
        return self.file("main.img", size)

    def set(self, size=4 * MIB, main_size=MAIN):
        """A formatted spare."""
        spare = self.file("spare.img", size)
        dmremap("format", self.main(main_size), spare, "--yes")
        return Image(spare)

    def loop(self, path, *options):
        """A block device over a file, gone after the test."""
        if os.geteuid() != 0 or not os.path.exists("/dev/loop-control"):
            raise Skip("needs root and loop devices")
        done = subprocess.run(["losetup", "--find", "--show", *options, path],
                              capture_output=True, text=True, check=False)
        if done.returncode:
            raise Skip(f"losetup: {done.stderr.strip()}")
        dev = done.stdout.strip()
        self.undo.append(["losetup", "--detach", dev])
        return dev

    def mount(self, dev):
        """Mounted on a directory of its own, until the test ends."""
        where = str(self.dir / f"mnt{len(self.undo)}")
        os.mkdir(where)
        done = subprocess.run(["mount", dev, where], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Skip(f"mount: {done.stderr.strip()}")
        self.undo.append(["umount", where])
        return where

    def faulty(self, writes=None, torn=None, path=None, sectors=(), fails=None, syncs=None):
        """The environment in which the tool meets a power cut or errors: faulty.c"""
        lib = self.dir / "faulty.so"
        if not lib.exists():
            cc = os.environ.get("CC", "cc").split()
            self.sh(*cc, "-shared", "-fPIC", "-O1", "-o", str(lib), str(HERE / "faulty.c"))
        env = {"LD_PRELOAD": str(lib), "ASAN_OPTIONS": "verify_asan_link_order=0"}
        if writes is not None:
            env["FAULTY_WRITES"] = str(writes)
        if torn is not None:
            env["FAULTY_TORN"] = str(torn)
        if fails is not None:
            env["FAULTY_FAILS"] = str(fails)
        if syncs is not None:
            env["FAULTY_SYNCS"] = str(syncs)
        if path:
            env["FAULTY_FILE"] = str(path)
            env["FAULTY_SECTORS"] = ",".join(str(s) for s in sectors)
        return env

    def sh(self, *command):
        """A command of the system that has to work."""
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"$ {' '.join(command)}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()


def dmremap(*args, code=0, stdin=subprocess.DEVNULL, env=None, memory=None):
    """Run the tool; it has to end with this exit code (or one of these). With memory it may
    have so many bytes of addresses."""
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    args = [str(a) for a in args]
    done = subprocess.run([str(TOOL), *args], capture_output=True, text=True, stdin=stdin,
                          timeout=TIMEOUT, check=False, env={**os.environ, **(env or {})},
                          preexec_fn=limit if memory else None)
    run = Run(args, done)
    codes = code if isinstance(code, tuple) else (code,)
    assert run.code in codes, f"exit code {run.code}, not {code}:\n{run}"
    return run


def digest(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


class Untouched:
    """A block of code that must not change these files."""

    def __init__(self, *paths):
        self.paths = paths

    def __enter__(self):
        self.before = [digest(p) for p in self.paths]

    def __exit__(self, kind, *exc):
        if kind is None:
            for path, before in zip(self.paths, self.before):
                assert digest(path) == before, f"{path} was written"


def check(path, code=0):
    """dmremap check: text and JSON, the same exit code, the file untouched. The JSON."""
    with Untouched(path):
        text = dmremap("check", path, code=code)
        run = dmremap("check", "--json", path, code=code)
    doc = run.json
    assert doc["schema"] == "dmremap-check" and doc["schema_version"] == 1, run
    for f in doc["findings"]:
        assert f"{f['number']} {f['name']}" in text.out, f"{f['name']} only in JSON:\n{text}"
    slots = doc["slots"]
    parts = ("used", "free", "bad", "metadata", "pending", "unknown")
    assert slots["total"] == sum(slots[k] for k in parts), f"slots do not add up:\n{run}"
    return doc


def numbers(doc):
    """The numbers of the findings, each once."""
    return sorted({f["number"] for f in doc["findings"]})
