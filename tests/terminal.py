"""terminal.py - run a command on a terminal of our own and read what it shows.

Only what this project's programs write is understood: text, line ends and the
colours of "ESC [ ... m".
"""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import unicodedata

STYLES = {"1": "strong", "2": "faint", "31": "red", "32": "green",
          "33": "yellow", "36": "cyan", "4;31": "red marked",
          "4;32": "green marked"}
ESCAPE = re.compile(r"\033\[([0-9;]*)m")


def run(command, folder, columns=80, env=None):
    """(status, output) of a shell command whose standard output and error are
    a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ,
                struct.pack("HHHH", 50, columns, 0, 0))
    mode = termios.tcgetattr(theirs)
    mode[1] &= ~termios.OPOST  # line ends stay as they are written
    termios.tcsetattr(theirs, termios.TCSANOW, mode)
    env = dict(os.environ if env is None else env, TERM="xterm", TZ="UTC",
               LC_ALL="C.UTF-8")
    for name in ("COLUMNS", "NO_COLOR"):
        env.pop(name, None)
    with subprocess.Popen(["bash", "-c", command], cwd=folder, env=env,
                          stdin=subprocess.DEVNULL, stdout=theirs,
                          stderr=theirs, start_new_session=True) as child:
        os.close(theirs)
        parts = []
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux's way to say that nobody writes any more
                break
            if not part:
                break
            parts.append(part)
        os.close(ours)
        status = child.wait()
    return status, b"".join(parts).decode("utf-8")


def rows(output):
    """The lines of an output, each a list of (style, text)."""
    found, row, style, at = [], [], "", 0

    def add(text):
        for number, line in enumerate(text.split("\n")):
            if number:
                found.append(row[:])
                row.clear()
            if line:
                row.append((style, line))

    for match in ESCAPE.finditer(output):
        add(output[at:match.start()])
        style = STYLES.get(match.group(1), "")
        at = match.end()
    add(output[at:])
    return found + [row] if row else found


def plain(output):
    return ESCAPE.sub("", output)


def width(text):
    """Columns that a text takes."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1
               for char in text)
