"""launch.py LIMIT PROCESSORS OUT COMMAND... - run it and print what it used

    [status or null, wall seconds, CPU seconds, peak bytes of one process]

A process starts with the peak memory of the one that made it, so this one is
kept small.  What the command says goes to OUT.out and OUT.err; it is killed
with all that it started when LIMIT seconds are over (status null).
"""

import os
import signal
import sys
import time


def main():
    limit, processors, out = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.setsid()
        if hasattr(os, "sched_setaffinity"):
            mine = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, mine[:processors])
        for number, ending in ((1, ".out"), (2, ".err")):
            os.dup2(os.open(out + ending, os.O_WRONLY | os.O_CREAT
                            | os.O_TRUNC, 0o666), number)
        os.execvp(sys.argv[4], sys.argv[4:])
    over = []

    def stop(*_):
        over.append(True)
        os.killpg(child, signal.SIGKILL)

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, limit)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - start
    unit = 1 if sys.platform == "darwin" else 1024
    print("[%s, %r, %r, %d]" % (
        "null" if over else os.waitstatus_to_exitcode(status), wall,
        used.ru_utime + used.ru_stime, used.ru_maxrss * unit))


main()
