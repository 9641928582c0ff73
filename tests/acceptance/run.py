#!/usr/bin/env python3
"""run.py - what the program promises, checked against oracles on real text.

    tests/acceptance/run.py                 the quick checks
    tests/acceptance/run.py --all           every check, on a release build
    tests/acceptance/run.py NAME...         those checks
    tests/acceptance/run.py --list

Each line says PASS or FAIL, the check, what was looked at and the figure.
Without --program the release build in .build/release is brought up to date and
used.  Results of the oracles are kept in .build/oracle.  Checks that need
../shared, or a command that is not installed, are skipped and say so.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import checks_match as match
import checks_pages as pages
import checks_passages as passages
import checks_scale as scale
import checks_text as text
from harness import ROOT, Bench, Failed, Skipped, hidden_folder

QUICK = {
    "seeds": text.seeds,
    "encodings-of-one-text": text.encodings_of_one_text,
    "ud-ts-pairs": text.ud_ts_pairs,
    "mccormick": match.mccormick,
    "pairs-dxy-quick": match.pairs_dxy_quick,
    "find-dxy": match.find_dxy,
    "simhash-dxy": match.simhash_dxy,
    "threads-quick": match.threads_quick,
    "shuffles-quick": match.shuffles_quick,
    "memory-quick": scale.memory_quick,
    "passages-seeds": passages.seeds,
    "passages-planted-quick": passages.planted_quick,
}
LONG = {
    "opencc": text.opencc_conversions,
    "opencc-oracle": text.fold_of_conversions,
    "pairs-dxy": match.pairs_dxy,
    "pairs-sogouc": match.pairs_sogouc,
    "pairs-reuters": match.pairs_reuters,
    "find-all": match.find_all,
    "simhash-sogouc": match.simhash_sogouc,
    "threads": match.threads,
    "shuffles": match.shuffles,
    "grow-identical": scale.grow_identical,
    "grow-nearly": scale.grow_nearly,
    "grow-forms": scale.grow_forms,
    "memory-million": scale.memory_million,
    "speed-xwlb": scale.speed_xwlb,
    "pages-embedded": pages.embedded,
    "passages-planted": passages.planted,
    "passages-contained": passages.contained,
    "passages-xwlb": passages.speed_xwlb,
    "passages-grow": passages.grow,
}
CHECKS = {**QUICK, **LONG}


def release_build():
    """Build the release and the oracles; returns the three programs."""
    folder = hidden_folder("release")
    jobs = str(os.cpu_count() or 1)
    for command in (
        ["cmake", "-S", str(ROOT), "-B", str(folder), "-DWCP_TESTS=ON",
         "-DCMAKE_BUILD_TYPE=Release"],
        ["cmake", "--build", str(folder), "-j", jobs, "--target", "wirecopy",
         "pairs-oracle", "simhash-oracle", "wirecopy-generate"],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    return {
        "wirecopy": folder / "wirecopy",
        "pairs-oracle": folder / "tests" / "pairs-oracle",
        "simhash-oracle": folder / "tests" / "simhash-oracle",
    }


def run_check(bench, name):
    bench.check = name
    bench.said.clear()
    start = time.monotonic()
    try:
        CHECKS[name](bench)
    except Skipped as reason:
        bench.skipped += 1
        print(f"SKIPPED {name}: {reason}", flush=True)
    except (Failed, KeyError, ValueError, TypeError, OSError,
            subprocess.CalledProcessError) as error:
        bench.report(False, "could not be finished",
                     f"{type(error).__name__}: {error}")
    print(f"     {name}: {time.monotonic() - start:.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--program", type=pathlib.Path)
    parser.add_argument("--pairs-oracle", type=pathlib.Path)
    parser.add_argument("--simhash-oracle", type=pathlib.Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    args = parser.parse_args()
    if args.list:
        for name, check in CHECKS.items():
            print(f"{name:24}{check.__doc__.splitlines()[0]}")
        return 0
    unknown = [name for name in args.names if name not in CHECKS]
    if unknown:
        parser.error(f"there is no check {unknown[0]}, see --list")
    given = {"wirecopy": args.program, "pairs-oracle": args.pairs_oracle,
             "simhash-oracle": args.simhash_oracle}
    programs = given if all(given.values()) else {
        **release_build(), **{k: v for k, v in given.items() if v}}
    programs = {k: str(v.resolve()) for k, v in programs.items()}

    names = args.names or (CHECKS if args.all else QUICK)
    with tempfile.TemporaryDirectory(prefix="wirecopy-accept.") as work:
        bench = Bench(programs, work)
        for name in names:
            run_check(bench, name)
    print(f"{bench.passed} passed, {bench.failed} failed, "
          f"{bench.skipped} skipped")
    if bench.failed:
        return 1
    return 0 if bench.passed else 77


if __name__ == "__main__":
    sys.exit(main())
