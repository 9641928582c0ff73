#!/usr/bin/env python3
"""demo.py - corpora/demo as a newcomer meets it, and the commands it advises.

It builds the program if that has not been done, so this is no part of ctest
but of tests/run.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

from checks import check, finish
import terminal

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEMO = ROOT / "corpora" / "demo"


def piped(command, folder):
    done = subprocess.run(["bash", "-c", command], cwd=folder, check=False,
                          stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def advised(text):
    """The commands after "Try next:"."""
    tail = text.partition("\nTry next:\n")[2].replace("\\\n", " ")
    return re.findall(r"^(\S*wirecopy .*)$", tail, re.MULTILINE)


def check_text(text):
    score = re.search(r": (\d+) of (\d+) pairs found, (\d+) false", text)
    check(score, "no score:", text)
    if score:
        found, labelled, false = map(int, score.groups())
        check(0 < found <= labelled and false < found / 5, "score",
              score.group(0))
    check("\nGroup " in text and "  original " in text, "no table:", text)
    for line in text.splitlines():
        check(terminal.width(line) <= 80 or "/wirecopy " in line,
              "wider than 80 columns:", line)


def main():
    status, output = terminal.run(str(DEMO), ROOT, 80)
    text = terminal.plain(output)
    check(status == 0, "status", status, output)
    check_text(text)
    check("\033[1m" in output, "no colours on a terminal")
    check(len(text.splitlines()) <= 60, len(text.splitlines()), "lines")

    with tempfile.TemporaryDirectory(prefix="wirecopy-demo.") as folder:
        status, text, said = piped(str(DEMO), folder)
        check(status == 0 and not said, "status", status, said)
        check("\033" not in text, "colours where there is no terminal")
        check_text(text)
        commands = advised(text)
        check(len(commands) == 4, len(commands), "commands", commands)
        for command in commands:
            status, out, said = piped(command, folder)
            check(status == 0, command, "status", status, said)
            check(out or said, command, "says nothing")
        clean = pathlib.Path(folder) / "clean.jsonl"
        check(clean.exists() and clean.stat().st_size > 0, "no clean.jsonl")

    # Seen from above and from beside, the same commands have other paths.
    for folder in (ROOT, ROOT.parent, ROOT / "corpora"):
        _, text, _ = piped(str(DEMO), folder)
        commands = advised(text)
        check(len(commands) == 4, folder, commands)
        for command in commands[:3]:
            status, _, said = piped(f"{command} >/dev/null", folder)
            check(status == 0, folder, command, said)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
