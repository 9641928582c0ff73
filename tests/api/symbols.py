#!/usr/bin/env python3
"""symbols.py NM HEADER LIBRARY - what the shared library exports is exactly
what the header declares."""

import re
import subprocess
import sys


def declared(path):
    text = re.sub(r"/\*.*?\*/", "", open(path, encoding="utf-8").read(), flags=re.S)
    text = re.sub(r"^\s*#.*$", "", text, flags=re.M)
    # What is declared is named before the first parenthesis.
    names = re.findall(r"WCP_API[^;(]*?(\w+)\s*\(", text)
    assert len(names) == text.count("WCP_API"), "a declaration is not understood"
    return names


def exported(nm, path):
    out = subprocess.run(
        [nm, "-D", "-P", "--defined-only", path],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout
    names = []
    for line in out.splitlines():
        name, kind = line.split()[:2]
        if kind != "A":  # the name of the version
            names.append(name.split("@")[0])
    return names


def main():
    nm, header, library = sys.argv[1:]
    want, got = declared(header), exported(nm, library)
    assert len(want) > 10, "the header declares next to nothing"
    assert len(set(want)) == len(want), "a function is declared twice"
    wrong = sorted(set(want) ^ set(got))
    for name in wrong:
        print(f"{name}: only {'declared' if name in want else 'exported'}")
    print(f"{len(want)} functions")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
