#!/usr/bin/env python3
"""threads.py PROGRAM [--editions N] [--threads 1,2] - the same results from any number of threads.

corpora/news is small enough for one thread, so it is multiplied: every paper
in several encodings, its records plain, as CSV and compressed.  find, pairs and
dedup run over it on one thread and on several; what they write, and every file
that dedup makes, must be the same.  A thread sanitizer or valgrind, which speak
up by an exit status of their own, see the whole program at work here.
"""

import argparse
import csv
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

NEWS = pathlib.Path(__file__).resolve().parent.parent / "corpora/news.jsonl"
ENCODINGS = ["utf-8", "gb18030", "big5", "utf-16", "shift_jis", "cp1252"]


def news():
    lines = NEWS.read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def make_papers(folder, editions):
    for edition in range(editions):
        for record in news():
            encoding = ENCODINGS[edition % len(ENCODINGS)]
            try:
                data = record["text"].encode(encoding)
            except UnicodeEncodeError:
                data = record["text"].encode("utf-8")
            to = folder / str(edition) / record["id"]
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(data)


def make_records(folder, editions):
    records = []
    for edition in range(editions):
        for record in news():
            record["id"] = f"{edition}-{record['id']}"
            records.append(record)
    # Some with escapes, some without.
    lines = [
        json.dumps(record, ensure_ascii=i % 3 == 0)
        for i, record in enumerate(records)
    ]
    data = ("\n".join(lines) + "\n").encode("utf-8")
    (folder / "all.jsonl").write_bytes(data)
    (folder / "all.jsonl.gz").write_bytes(gzip.compress(data, mtime=0))
    names = sorted({name for record in records for name in record})
    with open(folder / "all.csv", "w", encoding="gb18030", newline="") as file:
        rows = csv.DictWriter(file, names)
        rows.writeheader()
        for record in records:
            rows.writerow({**record, "id": "csv-" + record["id"]})


def files_of(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run(program, args, folder, threads):
    out = folder / f"out-{threads}"
    args = [arg.replace("OUT", str(out)) for arg in args]
    done = subprocess.run(
        [program, args[0], "--threads", str(threads), "-q", *args[1:]],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    result = {"standard output": done.stdout}
    if out.is_dir():
        result.update(files_of(out))
        subprocess.run(["rm", "-r", str(out)], check=True)
    elif out.exists():
        result["OUT"] = out.read_bytes()
        out.unlink()
    return done.returncode, done.stderr.decode("utf-8", "replace"), result


COMMANDS = [
    ["find", "papers"],
    ["find", "--signature", "simhash", "papers", "all.csv"],
    ["find", "-t", "0.5", "all.jsonl.gz"],
    ["pairs", "-t", "0.5", "papers"],
    ["pairs", "all.jsonl.gz", "all.csv"],
    ["dedup", "-o", "OUT", "papers"],
    ["dedup", "-o", "OUT", "all.jsonl"],
    ["dedup", "-o", "OUT", "all.jsonl.gz"],
    ["dedup", "--passages", "-o", "OUT/", "papers"],
    ["dedup", "--passages", "-o", "OUT", "all.jsonl"],
    ["dedup", "--passages", "-o", "OUT", "all.jsonl.gz"],
]


def check(program, args, folder, counts):
    shown = " ".join(args)
    first = None
    for threads in counts:
        status, said, result = run(program, args, folder, threads)
        if status != 0:
            print(f"{shown}, {threads} threads: status {status}\n{said}")
            return False
        if not any(result.values()):
            print(f"{shown}: nothing comes out")
            return False
        first = first or result
        wrong = [n for n in first.keys() | result.keys()
                 if first.get(n) != result.get(n)]
        if wrong:
            print(f"{shown}: {wrong[0]} differs on {threads} threads")
            return False
    print(f"{shown}: good")
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--editions", type=int, default=6)
    parser.add_argument("--threads", default="1,2,4,7")
    args = parser.parse_args()
    program = os.path.abspath(args.program)
    counts = [int(n) for n in args.threads.split(",")]
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_papers(folder / "papers", args.editions)
        make_records(folder, args.editions)
        for command in COMMANDS:
            failed += not check(program, command, folder, counts)
    print(f"{len(COMMANDS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
