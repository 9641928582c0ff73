#!/usr/bin/env bash
# one_command.sh - the build without CMake that README.md tells of, word for
# word: it makes a program that passes the golden cases of two commands.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# The first command of the README that begins with "cc " and names src/*.c.
command=$(awk '
    /^cc / { text = ""; reading = 1 }
    reading { text = text $0 "\n" }
    reading && !/\\$/ {
        reading = 0
        if (index(text, "src/*.c")) { printf "%s", text; exit }
    }' README.md)
[ -n "$command" ] || { echo "README.md tells of no such command"; exit 1; }
if ! command -v cc >/dev/null || ! command -v pkg-config >/dev/null; then
    echo "SKIPPED: no cc or no pkg-config"
    exit 77
fi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/wirecopy-one.XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
# What it writes goes where it does not stand in the way.
command=${command/-o wirecopy/-o "$scratch/wirecopy"}
printf '%s\n' "$command"
bash -c "$command" || exit 1
"$scratch/wirecopy" version --verbose || exit 1
python3 tests/cli/run.py --program "$scratch/wirecopy" find eval
