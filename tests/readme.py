#!/usr/bin/env python3
"""readme.py - run the examples of README.md and compare what comes out.

A block marked ```console holds commands, after "$ ", each followed by what it
prints: standard output, then standard error.  Times and speeds on standard
error may differ; all else is exact, and the status is 0.  A terminal of 100
columns is assumed.  A block marked ```c must compile, and of one marked ```sh
each line that begins with wirecopy-bench must run, with --quick.

    readme.py PATH_TO_WIRECOPY            compare
    readme.py --update PATH_TO_WIRECOPY   write what came out into README.md
"""

import argparse
import difflib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COST = re.compile(r" in [0-9.]+ s \([0-9.]+ [kMGT]?B/s\)")


def run(command, folder):
    """Status, and standard output and standard error as lines."""
    env = dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC", COLUMNS="100")
    env["PATH"] = f"{folder}/bin:{env.get('PATH', '/usr/bin:/bin')}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    out, err = (
        stream.decode("utf-8", "backslashreplace").splitlines()
        for stream in (done.stdout, done.stderr)
    )
    return done.returncode, out, err


def split(block):
    """(command, expected lines) one after the other."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
        else:
            raise SystemExit(f"a block must begin with a command: {line}")
    return found


def without_cost(lines):
    return [COST.sub(" in * s (*)", line) for line in lines]


def check_console(block, folder):
    """(what is wrong, the block with what came out)."""
    wrong, renewed = [], []
    for command, expected in split(block):
        status, out, err = run(command, folder)
        at = max(len(expected) - len(err), 0)
        same = out == expected[:at] and without_cost(err) == without_cost(
            expected[at:]
        )
        renewed += [f"$ {command}"] + (expected if same else out + err)
        if status != 0:
            wrong.append(f"$ {command}\nstatus {status}")
        if not same:
            diff = difflib.unified_diff(
                expected, out + err, "README.md", "came out", lineterm=""
            )
            wrong.append(f"$ {command}\n" + "\n".join(diff))
    return wrong, "\n".join(renewed) + "\n"


def check_c(block):
    compiler = os.environ.get("CC") or shutil.which("cc")
    if not compiler:
        print("SKIPPED: no C compiler for the example of the API")
        return []
    done = subprocess.run(
        [compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
         f"-I{ROOT}/src", "-xc", "-"],
        input=block.encode(),
        capture_output=True,
        check=False,
    )
    return [done.stderr.decode()] if done.returncode else []


def check_bench(block, folder):
    """The lines of a block that measure; their figures are not looked at."""
    wrong = []
    for line in block.splitlines():
        if not line.startswith("wirecopy-bench"):
            continue
        if not os.path.exists(f"{folder}/bin/wirecopy-bench"):
            print(f"SKIPPED: {line}: not built")
            continue
        status, out, err = run(f"{line} --quick", folder)
        if status != 0 or not out:
            wrong.append(f"$ {line} --quick\nstatus {status}\n{err}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true")
    parser.add_argument("program", type=pathlib.Path)
    args = parser.parse_args()
    if not os.access(args.program, os.X_OK):
        parser.error(f"{args.program} is no program")
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    wrong, commands, renewed, at = [], 0, [], 0
    with tempfile.TemporaryDirectory(prefix="wirecopy-readme.") as folder:
        os.mkdir(f"{folder}/bin")
        os.symlink(args.program.resolve(), f"{folder}/bin/wirecopy")
        bench = args.program.resolve().parent / "wirecopy-bench"
        if bench.exists():
            os.symlink(bench, f"{folder}/bin/wirecopy-bench")
        os.symlink(ROOT / "corpora", f"{folder}/corpora")
        for match in BLOCK.finditer(text):
            kind, block = match.groups()
            if kind == "c":
                wrong += check_c(block)
            if kind == "sh":
                wrong += check_bench(block, folder)
            if kind != "console":
                continue
            problems, new_block = check_console(block, folder)
            commands += len(split(block))
            wrong += problems
            renewed += [text[at:match.start(2)], new_block]
            at = match.end(2)
    if args.update:
        readme.write_text("".join(renewed) + text[at:], encoding="utf-8")
    if not commands:
        wrong.append("README.md holds no example")
    print("\n".join(wrong + [f"{commands} commands, {len(wrong)} wrong"]))
    return 1 if wrong and not args.update else 0


if __name__ == "__main__":
    sys.exit(main())
