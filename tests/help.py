#!/usr/bin/env python3
"""help.py PROGRAM - the manual page and the completions say what --help says.

All three are written from the option tables, so what can differ is how they
are written: an option left out, a character that troff or a shell takes for
its own.  groff, mandoc, bash, zsh and fish look at them where there are any.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from checks import check, finish

PROGRAM = sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__)
ROOT = pathlib.Path(__file__).resolve().parent.parent
README, NEWS = ROOT / "README.md", str(ROOT / "corpora" / "news.jsonl")
OPTION = re.compile(r"^  (?:-(\w), |    )--([\w-]+)(?: (\S+))?(?: +(.*))?$")


def run(*args, stdin=None):
    done = subprocess.run(
        args, input=stdin, capture_output=True, check=False, timeout=60
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def wirecopy(*args):
    status, out, err = run(PROGRAM, *args)
    assert status == 0 and not err, (args, status, err)
    return out


def options_of(text):
    """(short, long, value, help) of each option of a --help."""
    found = []
    for line in text.splitlines():
        match = OPTION.match(line)
        if match:
            found.append([field or "" for field in match.groups()])
        elif found and line.startswith(" " * 26):
            found[-1][3] = f"{found[-1][3]} {line.strip()}".strip()
    return found


def plain(page):
    """The page without troff's marks, one line for each of its own."""
    page = re.sub(r"\\f[BIR]", "", page)
    for mark, char in (("\\-", "-"), ("\\(aq", "'"), ("\\&", ""), ("\\e", "\\")):
        page = page.replace(mark, char)
    return page


def without_default(text):
    return re.sub(r"( \[[^]]*\])+$", "", text)


def check_manual(commands, helps):
    page = wirecopy("help", "--man")
    lines = plain(page).splitlines()
    for name in commands:
        text = helps[name]
        usage = text.splitlines()[0].removeprefix("usage: ")
        check(usage in lines, name, "has another synopsis in the manual")
        check(text.splitlines()[2] in lines, name, "has another summary")
        examples = text.split("\nExamples:\n")[1].split("\n\n")[0]
        for line in examples.splitlines():
            check(line.strip() in lines, "not in the manual:", line)
        options = options_of(text)
        check(len(options) > 10, name, "has few options")
        for short, long, value, words in options:
            head = (f"-{short}, " if short else "") + f"--{long}"
            head += f" {value}" if value else ""
            if head not in lines:
                check(False, name, head, "is not in the manual")
                continue
            at = [i for i, line in enumerate(lines) if line == head]
            said = [lines[i + 1] for i in at]
            check(
                without_default(words) in map(without_default, said),
                f"{name} {head}: '{words}' in --help, {said} in the manual",
            )
    readme = README.read_text(encoding="utf-8")
    output = page.split(".SH OUTPUT")[1].split("\n.SH")[0]
    for part in output.split(".SS Fields of ")[1:]:
        name, *rest = plain(part).splitlines()
        fields = [rest[i + 1] for i, line in enumerate(rest) if line == ".TP"]
        fields = ", ".join(fields).split(", ")
        check(len(fields) > 4, name, "has few fields")
        for field in fields:
            check(f"`{field}`" in readme, name, field, "is not in README.md")
        if name in ("find", "pairs", "passages"):
            status, out, _ = run(PROGRAM, name, "-q", "-f", "csv", NEWS)
            header = out.splitlines()[0].split(",")
            check(status == 0 and not set(header) - set(fields), name, header)
            status, out, _ = run(PROGRAM, name, "-q", "-f", "jsonl", NEWS)
            record = json.loads(out.splitlines()[0])
            for key in ("members", "copies"):
                record |= record.get(key, [{}])[0]
            check(not set(record) - set(fields), name, list(record))
    everything = {o[1] for name in commands for o in options_of(helps[name])}
    for line in lines:
        match = re.match(r"(?:-\w, )?--([\w-]+)( \S+)?$", line)
        if match:
            check(
                match[1] in everything | {"help", "no-"},
                "only in the manual:",
                line,
            )
    for tool in (
        ("groff", "-man", "-ww", "-z", "-Tutf8"),
        ("mandoc", "-Tlint", "-Wwarning"),
        ("man", "--warnings", "-l", "-"),
    ):
        if not shutil.which(tool[0]):
            print(f"SKIPPED: {tool[0]} is not installed")
            continue
        status, out, err = run(*tool, stdin=page.encode())
        said = err + (out if tool[0] == "mandoc" else "")
        # A date would change with every build.
        said = [s for s in said.splitlines() if "missing date" not in s]
        check(not said and status in (0, 2), tool[0], status, *said)


COMPLETE = """
set -eu
. "$1"
complete -p wirecopy >/dev/null
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_wirecopy || :
printf '%s\\n' "${COMPREPLY[@]:-}"
"""


def check_bash(path, commands, helps):
    def complete(*words):
        status, out, err = run(
            "bash", "-c", COMPLETE, "bash", path, "wirecopy", *words
        )
        check(status == 0 and not err, "bash", words, status, err)
        return out.split()

    names = commands + ["help", "version"]
    check(complete("") == names + ["--help", "--version"], complete(""))
    check(complete("fi") == ["find"], "fi", complete("fi"))
    check(complete("help", "co") == ["compare"], complete("help", "co"))
    check(complete("find", "--thresh") == ["--threshold"], "--thresh")
    check(complete("find", "--format", "") == "table jsonl csv tsv".split(),
          complete("find", "--format", ""))
    check(complete("find", "-f", "c") == ["csv"], "-f c")
    check(complete("find", "--format", "=", "t") == ["table", "tsv"], "=t")
    check(complete("pairs", "--signature", "=")[:1] == ["minhash"], "=")
    check(complete("dedup", "--keep", "") == "first earliest longest".split(),
          "--keep")
    check(complete("find", "--keep", "") == [], "find has no --keep")
    check(complete("find", "") == [], "operands are files")
    check(complete("find", "--recall", "") == [], "a number is not completed")
    for name in commands:
        want = [f"--{option[1]}" for option in options_of(helps[name])]
        check(complete(name, "--") == want + ["--help"], name, "--")


def check_fish(path):
    status, out, err = run(
        "fish", "--no-config", "-c",
        f"source {path}; complete -C 'wirecopy find --forma'; "
        "complete -C 'wirecopy dedup --keep l'; complete -C 'wirecopy pai'",
    )
    got = [line.split("\t")[0] for line in out.splitlines()]
    check(got == ["--format", "longest", "pairs"], "fish", status, got, err)


def check_completions(commands, helps, folder):
    for shell in ("bash", "zsh", "fish"):
        path = f"{folder}/{shell}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(wirecopy("help", "--completion", shell))
        if not shutil.which(shell):
            print(f"SKIPPED: {shell} is not installed")
            continue
        status, out, err = run(shell, "-n", path)
        check(status == 0 and not out + err, shell, "-n:", out, err)
    check_bash(f"{folder}/bash", commands, helps)
    if shutil.which("fish"):
        check_fish(f"{folder}/fish")


def main():
    overview = wirecopy("help")
    commands = re.findall(r"^  (\w+) +\w", overview.split("Commands:")[1], re.M)
    assert len(commands) >= 5, overview
    helps = {name: wirecopy("help", name) for name in commands}
    check_manual(commands, helps)
    with tempfile.TemporaryDirectory(prefix="wirecopy-help.") as folder:
        check_completions(commands, helps, folder)
    return finish(f"{len(commands)} commands")


if __name__ == "__main__":
    sys.exit(main())
