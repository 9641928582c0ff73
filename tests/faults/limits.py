#!/usr/bin/env python3
"""limits.py - too little memory, full disks, closed pipes, signals, giants

    limits.py PROGRAM [memory|outputs|pipes|signals|giants]...
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import common

MIB = 1 << 20
complaints = []
skipped = []


def expect(condition, text):
    if not condition:
        complaints.append(text)


def skip(text):
    print(f"SKIPPED: {text}")
    skipped.append(text)


def shown(done):
    return f"status {done.returncode}, {done.stderr.decode()!r}"


# ---- too little memory

def check_memory(program):
    """Under every limit: as without one, or out of memory and status 1."""
    if common.is_sanitized(program):
        skip("sanitizers do not start with little address space")
        return
    with common.Scratch() as scratch:
        common.write_inputs(scratch.inputs)
        (scratch.inputs / "many.jsonl").write_bytes(common.jsonl(20000))
        want = {}
        enough = failed = 0
        for mib in [None, 64, 80, 96, 112, 128, 144, 160, 192, 224, 256, 320,
                    448, 640, 1024]:
            for command in (["find", "many.jsonl"], ["pairs", "d.csv"],
                            ["dedup", "many.jsonl", "-t", "1"],
                            ["find", "b.jsonl.gz", "e.tar"]):
                out = scratch.out / "result"
                out.unlink(missing_ok=True)
                name = " ".join(command)
                done = common.run(
                    scratch, [program] + command + ["-o", out, "-j8"],
                    limit=None if mib is None else mib * MIB)
                got = out.read_bytes() if out.exists() else None
                where = f"{name} in {mib} MiB: {shown(done)}"
                if mib is None:
                    expect(done.returncode == 0, where)
                    want[name] = got
                elif done.returncode == 127:
                    continue  # the loader itself had too little
                elif done.returncode == 0:
                    enough += 1
                    expect(got == want[name], f"{where}: another result")
                else:
                    failed += 1
                    expect(done.returncode == 1, where)
                    expect(b"emory" in done.stderr, where)
                    expect(got is None, f"{where}: a partial output")
                expect(not scratch.strays(), f"{where}: {scratch.strays()}")
        expect(enough > 0 and failed > 0,
               f"the limits decide nothing: {enough} ran, {failed} failed")
        print(f"memory: {enough} ran, {failed} failed as they should")


# ---- full disks

def mount_small(folder):
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)],
        capture_output=True, check=False)
    return done.returncode == 0


def check_outputs(program):
    """A full file system: status 1, the cause, nothing left."""
    with common.Scratch() as scratch:
        (scratch.inputs / "many.jsonl").write_bytes(common.jsonl(3000))
        for command in ("find", "dedup", "pairs"):
            args = [program, command, "many.jsonl", "-t", "1"]
            done = common.run(scratch, args + ["-o", "/dev/full"])
            expect(done.returncode == 1 and b"No space" in done.stderr,
                   f"{command} -o /dev/full: {shown(done)}")
        if not mount_small(scratch.out):
            skip("a small tmpfs cannot be mounted here")
            return
        try:
            for name in ("result", "result.gz"):
                for before in (False, True):
                    if before:
                        (scratch.out / name).write_bytes(b"before\n")
                    done = common.run(
                        scratch, [program, "find", "many.jsonl", "-o",
                                  scratch.out / name, "-f", "jsonl"])
                    if name == "result.gz" and done.returncode == 0:
                        (scratch.out / name).unlink()
                        continue  # it fitted
                    expect(done.returncode == 1 and b"No space" in done.stderr,
                           f"find on a full disk: {shown(done)}")
                    left = [p.name for p in scratch.out.iterdir()]
                    expect(left == [name] * before, f"left {left}")
                    if before:
                        expect((scratch.out / name).read_bytes() ==
                               b"before\n", "the old file is gone")
                        (scratch.out / name).unlink()
            done = common.run(
                scratch, [program, "find", "-", "--tmpdir", scratch.out],
                stdin=(scratch.inputs / "many.jsonl").read_bytes())
            expect(done.returncode == 1 and b"No space" in done.stderr,
                   f"a full --tmpdir: {shown(done)}")
        finally:
            subprocess.run(["umount", str(scratch.out)], check=True)


# ---- pipes

def same_but_path(data, path):
    return data.replace(f'"path":"{path}"'.encode(), b'"path":P')


def check_pipes(program):
    """What is read from a pipe gives what the file gives; a reader that
    leaves is no failure."""
    with common.Scratch() as scratch:
        data = common.jsonl(100) + common.distinct(500)
        (scratch.inputs / "many.jsonl").write_bytes(data)
        os.mkfifo(scratch.inputs / "pipe")
        for command in ("find", "pairs", "dedup"):
            results = []
            for path in ("many.jsonl", "-", "pipe"):
                with subprocess.Popen(
                        [program, command, path, "-q"], cwd=scratch.inputs,
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                        env=common.environment(scratch)) as child:
                    if path == "pipe":
                        (scratch.inputs / path).write_bytes(data)
                    got, _ = child.communicate(data if path == "-" else None)
                    expect(child.returncode == 0, f"{command} {path} failed")
                results.append(same_but_path(got, path))
            expect(results[0], f"{command}: no result")
            expect(results[0] == results[1], f"{command} - differs")
            expect(results[0] == results[2], f"{command} of a FIFO differs")
            with subprocess.Popen(
                    [program, command, "many.jsonl"], cwd=scratch.inputs,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    env=common.environment(scratch)) as child:
                child.stdout.readline()
                child.stdout.close()
                said = child.stderr.read()
                child.wait()
            expect(child.returncode == 0 and b"cannot write" not in said,
                   f"{command} | head -1: {child.returncode} {said!r}")
        expect(not scratch.strays(), f"left {scratch.strays()}")


# ---- signals

def start(program, scratch, command, **more):
    return subprocess.Popen(
        [program] + command, cwd=scratch.inputs, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=common.environment(scratch), **more)


def check_death(child, number, scratch, where):
    child.send_signal(number)
    try:
        child.wait(20)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    expect(child.returncode == -number,
           f"{where}: ended with {child.returncode}, not by {number}")
    strays = scratch.strays(allowed=())
    expect(not strays, f"{where}: left {strays}")


def is_writing(child, folder):
    """Whether it has a file in the folder, with a name or without."""
    if any(folder.iterdir()):
        return True
    return any(str(entry.readlink()).startswith(f"{folder}/")
               for entry in pathlib.Path(f"/proc/{child.pid}/fd").glob("*"))


def check_reading(program, number, command):
    """A signal while a FIFO is read that is fed slowly."""
    with common.Scratch() as scratch:
        os.mkfifo(scratch.inputs / "pipe")
        child = start(program, scratch, [command, "pipe", "-o",
                                         str(scratch.out / "result")])
        with open(scratch.inputs / "pipe", "wb", buffering=0) as pipe:
            for _ in range(5):
                pipe.write(common.jsonl(2))
                time.sleep(0.02)
            expect(is_writing(child, scratch.out), "nothing was being written")
            check_death(child, number, scratch, f"{command} reading")


def check_writing(program, number, command):
    """A signal while results are written into a pipe that nobody empties; the
    list of what goes is a file that must not stay."""
    with common.Scratch() as scratch:
        (scratch.inputs / "many.jsonl").write_bytes(common.distinct(2000))
        child = start(program, scratch,
                      [command, "many.jsonl", "--removed",
                       str(scratch.out / "removed")])
        child.stdout.read(1)
        time.sleep(0.1)
        check_death(child, number, scratch, f"{command} writing")


def check_at_once(program, number, command):
    """As early as can be: whatever it did, no file is left half done."""
    with common.Scratch() as scratch:
        common.write_inputs(scratch.inputs)
        for pause in range(12):
            out = scratch.out / "result"
            out.unlink(missing_ok=True)
            child = start(program, scratch, [command, "a.jsonl", "-o",
                                             str(out)])
            time.sleep(pause * 0.001)
            child.send_signal(number)
            child.communicate()
            expect(child.returncode in (0, -number),
                   f"{command} at once: {child.returncode}")
            if child.returncode == 0:
                expect(out.exists(), "status 0 without a result")
            strays = scratch.strays()
            expect(not strays, f"{command} at once: left {strays}")


def write_texts(folder, num):
    """Text files that are not alike, a third of them in a folder of its own."""
    for i, line in enumerate(common.distinct(num).splitlines()):
        path = folder / f"f{i % 3}" / f"{i}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(line)


def check_copying(program, number, existing):
    """A signal while files are copied: all of them are there, or none."""
    files = 400
    seen = set()
    with common.Scratch() as scratch:
        write_texts(scratch.inputs / "texts", files)
        begun = time.monotonic()
        common.run(scratch, [program, "dedup", "texts", "-o",
                             f"{scratch.root}/timed/"])
        shutil.rmtree(scratch.root / "timed")
        takes = time.monotonic() - begun
        for pause in [*range(40), 400]:
            out = scratch.out / f"copies{pause}"
            if existing:
                (out / "f1").mkdir(parents=True)
                (out / "f1" / "mine").write_text("mine")
            child = start(program, scratch,
                          ["dedup", "texts", "-o", str(out) + "/"])
            time.sleep(pause * takes / 30)
            child.send_signal(number)
            child.communicate()
            found = [p for p in scratch.out.rglob("*") if p.is_file()]
            own = [p for p in found if p.name == "mine"]
            where = f"dedup -o DIR/ {pause}: {child.returncode}, {len(found)}"
            expect(child.returncode in (0, -number), where)
            expect(len(own) == existing, f"{where}: what was there is gone")
            expect(len(found) - len(own) in (0, files), f"{where} files left")
            expect(existing or bool(found) == out.exists(),
                   f"{where}: an empty folder left")
            seen.add(len(found) > len(own))
            names = {p.name for p in scratch.out.iterdir()} - {out.name}
            expect(not names, f"{where}: left {names}")
            shutil.rmtree(out, ignore_errors=True)
        expect(seen == {True, False}, "the signals never or always came late")


def check_signals(program):
    # Below nohup or a shell in the background they are ignored, and so they
    # would be by the program.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    for existing in (False, True):
        check_copying(program, signal.SIGINT, existing)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for command in ("find", "pairs", "dedup"):
            check_reading(program, number, command)
            check_at_once(program, number, command)
        check_writing(program, number, "dedup")


# ---- giants

MOST_MEMORY = 1500 * MIB


def run_measured(scratch, command):
    """Runs; returns (status, standard error, peak memory)."""
    said = scratch.root / "said"
    with open(said, "wb") as err:
        child = subprocess.Popen(
            [str(part) for part in command], cwd=scratch.inputs, stderr=err,
            stdout=subprocess.DEVNULL, env=common.environment(scratch))
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, said.read_text(), usage.ru_maxrss * 1024


def write_giant_line(path):
    with open(path, "wb") as out:
        out.write(common.jsonl())
        out.write(b'{"id":"giant","text":"')
        for i in range(200):
            out.write(b"%07d " % i * (MIB // 8))
        out.write(b'"}\n')
        out.write(common.jsonl().replace(b'-0",', b'-1",'))


def write_giant_text(path):
    """50 million different Chinese characters: 150 MB."""
    block = "".join(chr(0x4E00 + i * 7919 % 20000) for i in range(20000))
    with open(path, "w", encoding="utf-8") as out:
        for i in range(2500):
            out.write(block[i:] + block[:i])


def check_giants(program):
    if common.is_sanitized(program):
        skip("giant inputs need a build without sanitizers")
        return
    with common.Scratch() as scratch:
        write_giant_line(scratch.inputs / "line.jsonl")
        (scratch.inputs / "texts").mkdir()
        write_giant_text(scratch.inputs / "texts" / "giant.txt")
        for name in ("a.txt", "b.txt"):
            (scratch.inputs / "texts" / name).write_text(common.FERRY)
        out = scratch.out / "result"
        for path, large, message in (
                ("line.jsonl", [], "longer than"),
                ("texts", [], "longer than"),
                ("line.jsonl", ["--max-document", "250M"], None),
                ("texts", ["--max-document", "250M"], None)):
            out.unlink(missing_ok=True)
            status, said, memory = run_measured(
                scratch, [program, "find", path, "-o", out] + large)
            where = (f"{path} {large}: status {status}, "
                     f"{memory // MIB} MiB, {said!r}")
            print(where)
            expect(status == (3 if message else 0), where)
            expect(message is None or message in said, where)
            expect(large or memory < MOST_MEMORY, f"{where}: memory")
            groups = out.read_text().splitlines() if out.exists() else []
            expect(len(groups) == (3 if path == "line.jsonl" else 1),
                   f"{where}: {len(groups)} groups")
            if path == "line.jsonl":
                expect(any('"c1-1"' in group for group in groups),
                       f"{where}: what follows the giant is lost")


CHECKS = {
    "memory": check_memory,
    "outputs": check_outputs,
    "pipes": check_pipes,
    "signals": check_signals,
    "giants": check_giants,
}


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    names = sys.argv[2:] or list(CHECKS)
    for name in names:
        CHECKS[name](program)
    for text in complaints:
        print("FAIL", text)
    print(f"{len(names)} checks, {len(complaints)} complaints")
    if complaints:
        return 1
    return 77 if skipped and len(names) == 1 else 0


if __name__ == "__main__":
    sys.exit(main())
