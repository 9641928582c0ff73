#!/usr/bin/env python3
"""memory.py PROGRAM GENERATOR [--documents N] - as much memory as is said.

find, pairs and dedup run over a made corpus with less and less --memory: what
is too little is refused with the least that works, and with that they write the
same bytes as without a limit, on any number of threads, and are never larger.
Texts that lie in others take more than others (of which there are less here).
Temporary files are bounded by --tmp-limit, and nothing is left of them.
"""

import argparse
import gzip
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from checks import check, finish

HERE = pathlib.Path(__file__).resolve().parent
MEASURE = HERE / "acceptance" / "measure.py"
LEAST = re.compile(r"at least (\d+)M is needed")
APART = ("--relations", "identical,reprint")
MIB = 1 << 20


class Runs:
    """The program in a folder of its own."""

    def __init__(self, program, folder):
        self.program = str(pathlib.Path(program).resolve())
        self.folder = folder
        self.tmp = folder / "tmp"
        self.tmp.mkdir()
        self.sanitized = b"__asan_init" in pathlib.Path(program).read_bytes()

    def run(self, *args, env=None):
        """Status, output, messages and peak memory."""
        result, out = self.folder / "result", self.folder / "out.jsonl"
        out.unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, "-I", "-S", MEASURE, result, self.program,
             *map(str, args), "-o", str(out)],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
            env={**os.environ, "TMPDIR": str(self.tmp), **(env or {})})
        status, _, peak = result.read_text().split()
        check(not list(self.tmp.iterdir()), f"{args}: temporary files are left")
        return (int(status), out.read_bytes() if out.exists() else None,
                done.stderr.decode(), int(peak))

    def least(self, *args):
        """The least that works, as the program says it, and what it gave."""
        memory = 1
        for _ in range(4):
            status, out, err, peak = self.run(*args, "--memory", f"{memory}M")
            if status == 0:
                return memory, out, peak
            named = LEAST.search(err)
            check(status in (1, 2) and named and out is None,
                  f"{args}, {memory}M: status {status}, {err!r}")
            if not named:
                break
            check(int(named[1]) > memory, f"{args}: {memory}M, then {named[1]}")
            memory = int(named[1])
        check(False, f"{args}: no memory is enough")
        return None, None, 0


def check_least(runs, command, path):
    """The same bytes with the least memory."""
    want = runs.run(*command, path)
    check(want[0] == 0, f"{command}: {want[2]}")
    memory, out, peak = runs.least(*command, path)
    what = f"{' '.join(command)} {path.name}"
    check(out == want[1], f"{what}: another result in {memory}M")
    check(runs.sanitized or peak <= memory * MIB,
          f"{what}: {peak / MIB:.1f} MiB resident of {memory}")
    if memory is not None:
        few = runs.run(*command, path, "--memory", f"{memory - 3}M")
        named = LEAST.search(few[2])
        check(few[0] in (1, 2) and named and int(named[1]) > memory - 3,
              f"{what}: {memory - 3}M is not refused: {few[0]} {few[2]}")
    print(f"     {what}: {want[3] / MIB:.0f} MiB; with at least {memory}M "
          f"{peak / MIB:.0f} MiB", flush=True)
    return memory, want[1]


def check_threads(runs, path, want, relations):
    for threads in (1, 3):
        args = ("find", path, "-j", threads, *relations)
        memory, out, peak = runs.least(*args)
        check(out == want, f"{args}: another result in {memory}M")
        check(runs.sanitized or peak <= memory * MIB,
              f"{args}: {peak / MIB:.1f} MiB resident of {memory}")


def check_disk(runs, path, memory):
    """A limit of temporary files, and a disk that is full."""
    args = ("find", path, "--memory", f"{memory}M", *APART)
    status, out, err, _ = runs.run(*args, "--tmp-limit", "1M")
    check(status == 1 and out is None and "1M of tmp-limit" in err,
          f"--tmp-limit 1M: status {status}, {err!r}")
    status, out, err, _ = runs.run(*args, "--tmp-limit", "1G")
    check(status == 0, f"--tmp-limit 1G: status {status}, {err!r}")
    small = runs.folder / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs",
                       str(small)], capture_output=True,
                      check=False).returncode:
        print("SKIPPED: a small tmpfs cannot be mounted here")
        return
    try:
        status, out, err, _ = runs.run(*args, "--tmpdir", small)
        check(status == 1 and out is None and "No space" in err,
              f"a full disk: status {status}, {err!r}")
        check(not list(small.iterdir()), "a full disk: something is left")
    finally:
        subprocess.run(["umount", str(small)], check=True)


def check_plan(runs, path, memory, relations):
    """What --plan says, against what was: documents, memory, temporary files,
    but not time."""
    def plan(*args):
        done = subprocess.run(
            [runs.program, "find", "--plan", "-f", "jsonl", str(path),
             *relations, *args],
            stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)

    num = path.read_bytes().count(b"\n")
    said = plan()
    check(abs(said["documents"] / num - 1) < .05,
          f"--plan: {said['documents']} documents of {num}")
    _, _, _, peak = runs.run("find", path, *relations)
    check(runs.sanitized or .6 * peak < said["memory"] < 1.8 * peak,
          f"--plan: {said['memory']} bytes of memory, {peak} were resident")
    check(said["temporary"] == 0, f"--plan: {said}")
    check(.6 * memory < said["least_memory"] / MIB < 1.5 * memory,
          f"--plan: {said['least_memory']} bytes for {memory}M")
    said = plan("--memory", f"{memory}M")
    check(said["memory"] == memory * MIB, f"--plan --memory {memory}M: {said}")
    _, _, err, _ = runs.run("find", path, "--memory", f"{memory}M", "-v",
                            *relations)
    used = re.search(r"([\d.]+) (kB|MB|GB) of temporary files", err)
    # What is so small leaves memory only if threads happen to hold much.
    check(used or not relations, f"-v: {err}")
    if used:
        used = float(used[1]) * {"kB": 1e3, "MB": 1e6, "GB": 1e9}[used[2]]
        check(.5 * used < said["temporary"] < 2 * used,
              f"--plan: {said['temporary']} bytes of temporary files of {used}")
        print(f"     --plan: {said}, {used:.0f} bytes of temporary files were "
              f"written, {peak} resident", flush=True)


def has_temporary(pid):
    """Whether the process has a file without a name open."""
    try:
        links = [os.readlink(fd) for fd in pathlib.Path(
            f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return False
    return any(link.endswith("(deleted)") for link in links)


def check_signals(runs, path, memory):
    """Whatever ends it, nothing is left."""
    if not pathlib.Path("/proc/self/fd").exists():
        return
    for number in (signal.SIGKILL, signal.SIGINT, signal.SIGTERM):
        seen = False
        with subprocess.Popen(
                [runs.program, "find", str(path), "--memory", f"{memory}M",
                 *APART, "-q", "-o", str(runs.folder / "killed.jsonl")],
                env={**os.environ, "TMPDIR": str(runs.tmp)}) as child:
            while child.poll() is None and not seen:
                seen = has_temporary(child.pid)
                check(not list(runs.tmp.iterdir()), "a temporary file's name")
                time.sleep(.001)
            child.send_signal(number)
        check(seen, "no temporary file was ever open")
        check(not list(runs.tmp.iterdir()), f"signal {number}: files are left")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("generator")
    parser.add_argument("--documents", type=int, default=8000)
    parser.add_argument("--seed", default="1")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wirecopy-memory.") as name:
        folder = pathlib.Path(name)
        runs = Runs(args.program, folder)
        path = folder / "made.jsonl"
        subprocess.run([args.generator, "-n", str(args.documents), "--seed",
                        args.seed, "-o", str(path)], check=True)
        packed = folder / "packed.jsonl.gz"
        packed.write_bytes(gzip.compress(path.read_bytes(), 1, mtime=0))
        part = folder / "part.jsonl"
        with path.open("rb") as file:
            part.write_bytes(b"".join(file.readlines()[:args.documents // 2]))
        plain = folder / "plain.jsonl"
        plain.write_bytes(re.sub(rb'"(id|date)":"[^"]*",', b"",
                                 part.read_bytes()))
        streamed = folder / "streamed.jsonl.gz"
        streamed.write_bytes(gzip.compress(part.read_bytes(), 1, mtime=0))
        memory, want = check_least(runs, ("find",), part)
        check_least(runs, ("pairs",), part)
        check_least(runs, ("dedup",), part)
        check_least(runs, ("find",), plain)
        check_least(runs, ("find",), streamed)
        check_threads(runs, part, want, ())
        if memory is not None:
            check_plan(runs, part, memory, ())
        memory, want = check_least(runs, ("find", *APART), path)
        check_least(runs, ("pairs", *APART), path)
        check_least(runs, ("dedup", *APART), path)
        check_least(runs, ("find", "--signature", "simhash"), path)
        check_least(runs, ("find", "--estimate"), path)
        check_least(runs, ("find", *APART), packed)
        check_threads(runs, path, want, APART)
        if memory is not None:
            check_plan(runs, path, memory, APART)
            check_disk(runs, path, memory)
            check_signals(runs, path, memory)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
