"""measure.py RESULT COMMAND... - run a command and write what it cost.

A process that a big one starts is charged with the big one's memory up to the
moment of exec(), so the command must be started by a small process: this one.
RESULT gets "status seconds peak", peak being bytes of resident memory.
"""

import os
import sys
import time

start = time.monotonic()
pid = os.fork()
if pid == 0:
    try:
        os.execv(sys.argv[2], sys.argv[2:])
    finally:
        os._exit(127)
_, status, usage = os.wait4(pid, 0)
seconds = time.monotonic() - start
peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
with open(sys.argv[1], "w") as result:
    result.write(f"{os.waitstatus_to_exitcode(status)} {seconds} {peak}")
