#!/usr/bin/env python3
"""run.py - golden cases of the command line.

A case is tests/cli/<command>/<case>.sh.  It runs with bash in an empty scratch
folder with the built program first on PATH, and next to it lies what must come
out:

    <case>.stdout.exact  or  .stdout.glob     standard output
    <case>.stderr.exact  or  .stderr.glob     standard error
    <case>.exit                               the exit status

An absent file means no output, or status 0.  In a .glob file each line is a
pattern of one line of output (*, ?, [...]), and a line that is just "..."
stands for any number of lines.  A setup.sh in the folder is sourced before
each of its cases.

    run.py --program BUILD/wirecopy [COMMAND | COMMAND/CASE]...
    run.py --update ...     write what came out as the new expectation
"""

import argparse
import concurrent.futures
import difflib
import fnmatch
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TIMEOUT = 120
BASH = shutil.which("bash") or "/bin/bash"


def glob_matches(patterns, lines):
    """Whether the lines match the patterns, "..." being any run of lines."""
    reach = {0}  # how many patterns may be used up so far
    for line in lines:
        after = set()
        for at in skip_dots(patterns, reach):
            if at < len(patterns):
                if patterns[at] == "...":
                    after.add(at)
                elif fnmatch.fnmatchcase(line, patterns[at]):
                    after.add(at + 1)
        reach = after
    return len(patterns) in skip_dots(patterns, reach)


def skip_dots(patterns, reach):
    """The positions in reach and those behind a "..." that matches nothing."""
    out = set()
    for at in reach:
        out.add(at)
        while at < len(patterns) and patterns[at] == "...":
            at += 1
            out.add(at)
    return out


def difference(name, want, got):
    """A unified diff; bytes that are not UTF-8 are shown as \\xNN."""
    text = [
        part.decode("utf-8", "backslashreplace").splitlines()
        for part in (want, got)
    ]
    lines = list(difflib.unified_diff(*text, name, "came out", lineterm=""))
    if not lines:  # they differ in the last newline or in line ends
        lines = [f"--- {name}", f"{want!r}", "+++ came out", f"{got!r}"]
    return "\n".join(lines)


def check_stream(case, stream, got):
    """What is wrong with one stream of a case: a text, or None."""
    exact = case.with_suffix(f".{stream}.exact")
    pattern = case.with_suffix(f".{stream}.glob")
    if pattern.exists():
        want = pattern.read_bytes()
        lines = got.decode("utf-8", "backslashreplace").splitlines()
        if glob_matches(want.decode("utf-8").splitlines(), lines):
            return None
        return difference(pattern.name, want, got)
    want = exact.read_bytes() if exact.exists() else b""
    return None if want == got else difference(exact.name, want, got)


def run_case(case, program):
    """Run a case; returns (stdout, stderr, status)."""
    setup = case.parent / "setup.sh"
    with tempfile.TemporaryDirectory(prefix="wirecopy-cli.") as scratch:
        bin_dir = pathlib.Path(scratch) / "bin"
        work = pathlib.Path(scratch) / "work"
        bin_dir.mkdir()
        work.mkdir()
        (bin_dir / "wirecopy").symlink_to(program)
        env = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("LC_", "LANG", "WIRECOPY"))
        }
        env.update(
            PATH=f"{bin_dir}:{env.get('PATH', '/usr/bin:/bin')}",
            WIRECOPY=str(program),
            CASES=str(case.parent),
            SOURCE=str(HERE.parent.parent),
            TMPDIR=str(scratch),
            LC_ALL="C",
            TZ="UTC",
        )
        script = '[ "$2" ] && . "$2"; . "$1"'
        argument = str(setup) if setup.exists() else ""
        with subprocess.Popen(
            [BASH, "-c", script, case.name, str(case), argument],
            cwd=work,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as child:
            try:
                out, err = child.communicate(timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, 9)
                out, err = child.communicate()
                err += f"\nended after {TIMEOUT} s\n".encode()
            return out, err, child.returncode


def check_case(case, program):
    """The complaints about a case, one text each."""
    out, err, status = run_case(case, program)
    exit_file = case.with_suffix(".exit")
    want = int(exit_file.read_text()) if exit_file.exists() else 0
    complaints = [
        check_stream(case, "stdout", out),
        check_stream(case, "stderr", err),
        None if status == want else f"status {status}, not {want}",
    ]
    return [text for text in complaints if text]


def update_case(case, program):
    """Write what came out; a .glob file is left for its author to change."""
    out, err, status = run_case(case, program)
    for stream, got in (("stdout", out), ("stderr", err)):
        if check_stream(case, stream, got) is None:
            continue
        if case.with_suffix(f".{stream}.glob").exists():
            print(f"{case.parent.name}/{case.stem}: change the .glob by hand")
            continue
        exact = case.with_suffix(f".{stream}.exact")
        if got:
            exact.write_bytes(got)
        elif exact.exists():
            exact.unlink()
    exit_file = case.with_suffix(".exit")
    if status:
        exit_file.write_text(f"{status}\n")
    elif exit_file.exists():
        exit_file.unlink()


def stray_files(folder):
    """Expectations whose case does not exist: they would test nothing."""
    cases = {case.stem for case in folder.glob("*.sh")}
    for path in sorted(folder.iterdir()):
        for ending in (".exact", ".glob", ".exit"):
            if path.name.endswith(ending):
                if path.name.split(".")[0] not in cases:
                    yield path


def find_cases(names):
    cases = []
    for name in names or [p.name for p in HERE.iterdir() if p.is_dir()]:
        path = HERE / name
        found = sorted(path.glob("*.sh")) if path.is_dir() else [
            path.with_suffix(".sh")
        ]
        cases += [case for case in found if case.name != "setup.sh"]
    return sorted(set(cases))


def self_test():
    """The runner's own promises, without a program."""
    table = [
        (["a*"], ["abc"], True),
        (["a*"], ["bc"], False),
        (["..."], [], True),
        (["...", "end"], ["a", "b", "end"], True),
        (["...", "end"], ["a", "b"], False),
        (["a", "...", "b"], ["a", "b"], True),
        (["a", "...", "b"], ["a", "x", "c"], False),
        (["a"], ["a", "a"], False),
        ([], ["a"], False),
    ]
    bad = [row for row in table if glob_matches(row[0], row[1]) != row[2]]
    with tempfile.TemporaryDirectory() as folder:
        case = pathlib.Path(folder) / "one.sh"
        case.write_text("echo out; echo err >&2; exit 3\n")
        if len(check_case(case, "/bin/true")) != 3:
            bad.append("a case without expectations must have 3 complaints")
        update_case(case, "/bin/true")
        if check_case(case, "/bin/true"):
            bad.append("an updated case must hold")
        (pathlib.Path(folder) / "one.stdout.exact").write_text("out")
        if len(check_case(case, "/bin/true")) != 1:
            bad.append("a missing newline must be found")
        (pathlib.Path(folder) / "two.exit").write_text("1")
        if len(list(stray_files(pathlib.Path(folder)))) != 1:
            bad.append("a stray expectation must be found")
    for row in bad:
        print("FAIL", row)
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("names", nargs="*", metavar="COMMAND[/CASE]")
    args = parser.parse_args()
    if args.self_test:
        return self_test()
    if not args.program or not os.access(args.program, os.X_OK):
        parser.error("--program must name the built program")
    program = args.program.resolve()
    cases = find_cases(args.names)
    if not cases:
        parser.error("there is no such case")
    missing = [case for case in cases if not case.exists()]
    if missing:
        parser.error(f"there is no case {missing[0]}")

    work = update_case if args.update else check_case
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda case: work(case, program), cases)
        for case, complaints in zip(cases, results):
            if complaints:
                failed += 1
                print(f"FAIL {case.parent.name}/{case.stem}")
                print("\n".join(complaints))
    for folder in sorted({case.parent for case in cases}):
        for path in stray_files(folder):
            failed += 1
            print(f"FAIL {folder.name}/{path.name}: there is no such case")
    print(f"{len(cases)} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
