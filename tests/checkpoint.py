#!/usr/bin/env python3
"""checkpoint.py PROGRAM LIBRARY - a run that was killed goes on where it was.

'find', 'pairs' and 'dedup' with --checkpoint are killed again and again, 20 times
each, at calls that chance chooses among all that read, write, rename, remove or
bring to disk (LIBRARY is preloaded and does it).  What comes out in the end must
be the bytes of a run that nobody disturbed, with the same messages, and nothing
may be left.  Inputs and options that have changed meanwhile must be refused.
The seed is printed; WCP_TEST_SEED repeats the choices.
"""

import gzip
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from checks import check, finish

if len(sys.argv) != 3:
    sys.exit(__doc__)
PROGRAM, LIBRARY = sys.argv[1:]
KILLS = 20
KINDS = ["read", "write", "fsync", "rename", "unlink", "open"]
SEED = int(os.environ.get("WCP_TEST_SEED", time.time_ns() % 10**9))
COST = re.compile(r" in [0-9.]+ s \([0-9.]+ [kMGT]?B/s\)")
FOUND = re.compile(r"wirecopy: the checkpoint 'ck' has \d+ documents, [0-9.]+ MB "
                   r"of the input; going on from there\n")
rng = random.Random(SEED)
EVERY = ["--checkpoint", "ck", "--checkpoint-every", "500K"]


def run(*args):
    done = subprocess.run(
        [PROGRAM, *map(str, args)], capture_output=True, timeout=120, check=False
    )
    return done.returncode, done.stdout, COST.sub("", done.stderr.decode())


def write_corpus():
    """Some MB of records, packed and not, texts, and some that are bad."""
    words = ["".join(rng.choices("abcdefghijklmnop", k=6)) for _ in range(5000)]
    stories = [rng.choices(words, k=500) for _ in range(300)]

    def records(num, name):
        for i in range(num):
            text = list(rng.choice(stories))
            for _ in range(rng.choice([0, 1, 10])):
                text[rng.randrange(len(text))] = rng.choice(words)
            doc = {"id": f"{name}{i}", "text": " ".join(text)}
            if i % 3:
                doc["date"] = f"2021-0{1 + i % 9}-11"
            yield json.dumps(doc) if i % 50 != 7 else '{"text": broken'

    one, two, three = (
        "\n".join(records(num, name)) + "\n"
        for num, name in ((500, "a"), (250, "b"), (150, "c"))
    )
    pathlib.Path("a.jsonl").write_text(one)
    pathlib.Path("b.jsonl.gz").write_bytes(gzip.compress(two.encode(), 1))
    pathlib.Path("c").mkdir()
    for i, line in enumerate(three.splitlines()):
        pathlib.Path(f"c/{i:03}.txt").write_text(line)
    pathlib.Path("c/empty.txt").write_text("")
    pathlib.Path("empty.jsonl").write_text("")


def num_parts():
    return len(list(pathlib.Path("ck").glob("part-*.wcs")))


def run_until(args, kind, number):
    """Run until a call of a kind; the end as of run(), or None if killed."""
    env = dict(os.environ, LD_PRELOAD=LIBRARY, FAIL_CALL=kind)
    env |= {"FAIL_AT": str(number), "FAIL_REPORT": "calls"}
    if number > 0:
        env["FAIL_KILL"] = "1"
    done = subprocess.run(
        [PROGRAM, *args], capture_output=True, timeout=120, check=False, env=env
    )
    if done.returncode == -signal.SIGKILL:
        return None
    return done.returncode, done.stdout, COST.sub("", done.stderr.decode())


def count_calls(args):
    counts = {}
    for kind in KINDS:
        run_until(args, kind, 0)
        counts[kind] = int(pathlib.Path("calls").read_text())
    os.unlink("calls")
    return counts


def check_kills(command, inputs):
    plain = run(*command, *inputs)
    check(plain[1].count(b"\n") > 100, command, "writes little")
    check(plain[0] == 3 and "malformed" in plain[2], command, plain[2])
    args = [*command, *EVERY, *inputs]
    counts = count_calls([*args, "-j1"])
    check(min(counts.values()) >= 2, counts)
    num = resumed = 0
    while num < KILLS:
        end = None
        for _ in range(rng.randrange(1, 5)):
            kind = rng.choice(KINDS)
            number = rng.randrange(1, counts[kind] + 1)
            had = num_parts()
            end = run_until([*args, f"-j{rng.randrange(1, 4)}"], kind, number)
            if end is not None:
                break
            num += 1
            resumed += had > 0
        if end is None:
            had = num_parts()
            end = run(*args)
        check(bool(FOUND.search(end[2])) == (had > 0), had, "parts:", end[2])
        check(end[0] == plain[0], "status", end[0], end[2])
        check(end[1] == plain[1], command, "wrote something else")
        said = FOUND.sub("", end[2])
        check(said == plain[2], command, "said:", end[2], "not:", plain[2])
        check(not os.path.exists("ck"), "something is left")
        shutil.rmtree("ck", ignore_errors=True)
    check(resumed > 0, "no run was broken off that had gone on")


def check_refusals(inputs):
    every = EVERY
    end = run_until(["find", "-q", *every, *inputs, "-j1"], "rename", 5)
    check(end is None and num_parts() == 3, "parts:", num_parts())

    def refused(status, words, *args):
        got = run(*args)
        check(
            got[0] == status and not got[1] and all(w in got[2] for w in words),
            args,
            "->",
            got[0],
            got[2],
        )

    refused(2, ["threshold 0.8", "0.7"], "find", "-t", "0.7", *every, *inputs)
    refused(2, ["shingle 4"], "find", "-n", "4", *every, *inputs)
    refused(2, ["recall"], "dedup", *every, *inputs)
    refused(2, ["id-field"], "find", "--id-field", "x", *every, *inputs)
    refused(1, ["'b.jsonl.gz'"], "find", *every, *inputs[:1])
    refused(1, ["'empty.jsonl' is an input now, where 'a.jsonl' was"],
            "find", *every, *reversed(inputs))
    refused(1, ["files"], "find", *every, "-")
    path = pathlib.Path("a.jsonl")
    data, times = path.read_bytes(), path.stat()
    path.write_bytes(data + b"\n")
    refused(1, ["a.jsonl", str(len(data)), str(len(data) + 1)],
            "find", *every, *inputs)
    path.write_bytes(data.replace(b"a", b"b", 1))
    refused(1, ["a.jsonl", "changed"], "find", *every, *inputs)
    path.write_bytes(data)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    part = pathlib.Path("ck/part-000001.wcs")
    whole = part.read_bytes()
    broken = bytearray(whole)
    broken[rng.randrange(len(whole))] ^= 4
    part.write_bytes(broken)
    refused(1, ["part-000001.wcs", "damaged"], "find", *every, *inputs)
    shutil.copy("ck/part-000000.wcs", part)
    refused(1, ["part-000001.wcs", "another checkpoint"],
            "find", *every, *inputs)
    part.write_bytes(whole)
    check(run("find", "-q", *every, *inputs)[1] ==
          run("find", "-q", *inputs)[1], "other results after refusals")
    refused(2, ["in the input"], "find", "--checkpoint", "c/ck", "c")
    refused(1, ["holds no checkpoint"], "find", "--checkpoint", "c", "a.jsonl")
    check(not os.path.exists("ck") and not os.path.exists("c/ck"), "left")


def main():
    print("seed", SEED)
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        write_corpus()
        inputs = ["a.jsonl", "b.jsonl.gz", "c", "empty.jsonl"]
        check_kills(["find"], inputs)
        check_kills(["pairs", "-f", "csv"], inputs)
        check_kills(["dedup"], ["a.jsonl", "b.jsonl.gz", "empty.jsonl"])
        check_refusals(inputs)
        os.chdir("/")
    return finish()


sys.exit(main())
