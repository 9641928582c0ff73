#!/usr/bin/env python3
"""calls.py - every call of the program fails once

    calls.py PROGRAM LIBRARY [SCENARIO]...

For each scenario and kind of call the program runs with the first, second,
third... call failing, until there are no more of them; of allocations, which
the unit tests refuse one by one, every seventh, from another one on in each
scenario.  Whatever fails: it does not crash, leaves no temporary file, and
says so unless the result is what it would have been.  The output file is whole
or what it was before, and the inputs are never touched.
"""

import concurrent.futures
import errno
import json
import pathlib
import sys

import common

MOST_CALLS = 60
MOST_ALLOCATIONS = 400
STEP = 7  # of allocations
SHORT = 0  # in the place of an errno: one byte is moved

KINDS = [
    ("read", errno.EIO, False),
    ("read", errno.EINTR, False),
    ("read", SHORT, True),
    ("write", errno.ENOSPC, True),
    ("write", SHORT, True),
    ("fsync", errno.EIO, False),
    ("close", errno.EIO, False),
    ("rename", errno.EACCES, False),
    ("link", errno.EPERM, False),
    ("link", errno.EIO, True),
    ("open", errno.EMFILE, False),
    ("open", errno.EACCES, True),
    ("malloc", errno.ENOMEM, False),
    ("malloc", errno.ENOMEM, True),
    ("thread", errno.EAGAIN, True),
]

# Name, arguments; "-" reads a.jsonl from standard input.
SCENARIOS = {
    "find-jsonl": ["find", "a.jsonl"],
    "find-of": ["find", "a.jsonl", "--of", "a2-0"],
    "find-whole": ["find", "a.jsonl", "--relations", "identical,reprint"],
    "find-all": ["find", "."],
    "find-stdin": ["find", "-", "-o", "OUT"],
    "find-packed": ["find", "b.jsonl.gz", "c.jsonl.bz2", "-o", "OUT"],
    "pairs-archives": ["pairs", "e.tar", "f.zip", "-o", "OUT"],
    "pairs-csv": ["pairs", "d.csv", "-f", "csv"],
    "dedup-jsonl": ["dedup", "a.jsonl", "-o", "OUT", "--removed", "REMOVED"],
    "dedup-stdout": ["dedup", "a.jsonl"],
    "dedup-stdin": ["dedup", "-", "-o", "OUT"],
    "dedup-gz": ["dedup", "b.jsonl.gz", "-o", "OUT.gz"],
    "dedup-csv": ["dedup", "d.csv", "-o", "OUT"],
    "dedup-list": ["dedup", "tree", "-o", "OUT"],
    "dedup-tree": ["dedup", "tree", "-o", "TREE/"],
    "dedup-into": ["dedup", "tree", "-o", "OLD/", "--removed", "REMOVED"],
    "cut-jsonl": ["dedup", "-p", "a.jsonl", "-o", "OUT", "--removed",
                  "REMOVED"],
    "cut-tree": ["dedup", "-p", "tree", "-o", "TREE/"],
    "compare": ["compare", "tree/a1.txt", "tree/a2.txt"],
}


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()}


def strip_time(result):
    """A gzip header may hold the time."""
    return {name: data[:4] + data[8:] if data[:2] == b"\x1f\x8b" else data
            for name, data in result.items()}


class Scenario:
    def __init__(self, program, library, name, inputs):
        self.program = program
        self.library = library
        self.name = name
        self.inputs = inputs  # a folder
        self.input_data = contents(inputs)
        self.reads_stdin = "-" in SCENARIOS[name]
        self.command = SCENARIOS[name]
        self.want = None

    def run(self, scratch, env):
        places = {"OUT": "result", "OUT.gz": "result.gz",
                  "REMOVED": "removed", "TREE/": "tree/", "OLD/": "old/"}
        if "OLD/" in self.command:
            (scratch.out / "old/sub").mkdir(parents=True)
            (scratch.out / "old/sub/mine").write_bytes(b"before\n")
        args = [str(scratch.out / places[part]) + "/" * part.endswith("/")
                if part in places else part for part in self.command]
        env = dict(env, LD_PRELOAD=self.library,
                   FAIL_REPORT=str(scratch.root / "report"))
        stdin = common.jsonl() if self.reads_stdin else None
        return common.run(scratch, [self.program] + args + ["-j2"], stdin, env)

    def result(self, scratch, done):
        return strip_time(dict(contents(scratch.out), stdout=done.stdout))

    def learn(self):
        with common.Scratch(self.inputs) as scratch:
            done = self.run(scratch, {})
            self.want = self.result(scratch, done)
            self.status = done.returncode
            self.plain_stderr = done.stderr
            return done.returncode in (0, 3)

    def complaint(self, scratch, done, kind):
        """What is wrong after a failure: a text or None."""
        call, number, _ = kind
        wrong = common.judge(done)
        if wrong:
            return wrong
        got = self.result(scratch, done)
        if list(scratch.tmp.iterdir()):
            return "left a file in TMPDIR"
        # A file that could not be read is kept, and so are its copies.
        strays = {name for name, data in got.items()
                  if name not in self.want
                  and self.input_data.get(name.replace("old/", "tree/"))
                  != data}
        strays -= {"result", "result.gz", "removed"}
        if strays:
            return f"left {sorted(strays)}"
        if done.returncode == self.status and got == self.want:
            return None
        if call in ("read", "write") and number in (errno.EINTR, SHORT):
            return f"status {done.returncode}, or another result"
        if done.returncode == 0:
            return "status 0 with another result"
        if done.returncode == 1:
            return self.outputs_untouched(got)
        return self.partial(got, done)

    def outputs_untouched(self, got):
        for name in ("result", "result.gz", "removed"):
            if name in got and got[name] != b"before\n":
                if got[name] != self.want.get(name):
                    return f"status 1 and a broken {name}"
        for name in got:
            if name.startswith(("tree/", "old/")) and name != "old/sub/mine":
                return f"status 1, and {name} was left"
        return None

    def partial(self, got, done):
        """Status 3: what came out is well formed, and nothing that should be
        kept was lost."""
        if done.stderr == self.plain_stderr:
            return "status 3 and no reason"
        name = self.command[0]
        if name in ("find", "pairs") and "csv" not in self.command:
            text = got.get("result", got["stdout"])
            for line in text.splitlines():
                try:
                    json.loads(line)
                except ValueError:
                    return "status 3 and a broken line"
        if name == "dedup":
            if b"sub: cannot open" in done.stderr:
                return None  # its files are not known at all
            for place, data in self.want.items():
                if place in ("removed", "result.gz"):
                    continue
                source = "tree/" + place.partition("/")[2]
                if f"cannot copy '{source}'".encode() in done.stderr:
                    continue  # the others were copied, and this was said
                lost = (set(data.splitlines())
                        - set(got.get(place, b"").splitlines()))
                if lost:
                    return f"status 3 and lost from {place}: {len(lost)} lines"
        return None

    def fail_all(self, kind):
        """Complaints of one kind of call, and how many runs there were."""
        call, number, _ = kind
        most = MOST_ALLOCATIONS if call == "malloc" else MOST_CALLS
        complaints = []
        first, step = 1, 1
        if call == "malloc":
            first, step = 1 + list(SCENARIOS).index(self.name) % STEP, STEP
        for at in range(first, most + 1, step):
            with common.Scratch(self.inputs) as scratch:
                had = at % 2 == 0  # every other time there is a file already
                for part, place in (("OUT", "result"), ("OUT.gz", "result.gz"),
                                    ("REMOVED", "removed")):
                    if had and part in self.command:
                        (scratch.out / place).write_bytes(b"before\n")
                env = dict(FAIL_CALL=call, FAIL_AT=str(at),
                           FAIL_ERRNO=str(number))
                if kind[2]:
                    env["FAIL_STAYS"] = "1"
                done = self.run(scratch, env)
                wrong = self.complaint(scratch, done, kind)
                if wrong:
                    complaints.append(
                        f"{self.name}: {call} {at} with "
                        f"{errno.errorcode.get(number, 'SHORT')}"
                        f"{' and all later' if kind[2] else ''}: {wrong}\n"
                        f"    {done.stderr.decode(errors='replace').strip()}")
                report = scratch.root / "report"
                if report.exists() and int(report.read_text()) < at:
                    return complaints, at // step
        return complaints, most // step


def main():
    program, library = (pathlib.Path(arg).resolve() for arg in sys.argv[1:3])
    if common.is_sanitized(program):
        print("SKIPPED: the program is built with sanitizers, which a "
              "preloaded library would upset")
        return 77
    failed = runs = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool, \
            common.Scratch() as shared:
        common.write_inputs(shared.inputs)
        before = contents(shared.inputs)
        for name in sys.argv[3:] or SCENARIOS:
            scenario = Scenario(program, library, name, shared.inputs)
            if not scenario.learn():
                print(f"{name}: fails by itself")
                print(scenario.plain_stderr.decode())
                failed += 1
                continue
            for complaints, num in pool.map(scenario.fail_all, KINDS):
                runs += num
                failed += len(complaints)
                for text in complaints[:3]:
                    print(text)
                if len(complaints) > 3:
                    print(f"    and {len(complaints) - 3} more")
        if contents(shared.inputs) != before:
            print("the inputs are not what they were")
            failed += 1
    print(f"{runs} runs, {failed} complaints")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
