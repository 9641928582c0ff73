#!/usr/bin/env python3
"""picture.py - README.md's picture of a terminal: what the program shows now.

Runs the commands below on a terminal of its own and draws all that appears
there as tests/picture.svg.  Without --update it is only said how the picture
differs from what would be drawn; times and speeds may.

    picture.py PATH_TO_WIRECOPY            compare
    picture.py --update PATH_TO_WIRECOPY   draw
"""

import argparse
import difflib
import os
import pathlib
import re
import sys
import tempfile
import xml.etree.ElementTree as xml

import terminal

HERE = pathlib.Path(__file__).resolve().parent
PICTURE = HERE / "picture.svg"
COLUMNS = 96
COMMANDS = (
    "wirecopy find -q --of 04-12-bridge-lanting.txt corpora/news.jsonl",
    "wirecopy find -q --of 09-25-tram-dunvale.txt corpora/news.jsonl",
    "wirecopy compare 2019/03-09-library-lanting.txt "
    "2019/03-11-library-yunya.txt",
)
COST = re.compile(r" in [0-9.]+ s \([0-9.]+ [kMGT]?B/s\)")

CELL, LINE, MARGIN, BAR = 8.4, 20, 18, 32
COLOURS = {"": "#d5d9df", "strong": "#ffffff", "faint": "#8a929e",
           "red": "#f2858d", "green": "#8fd19e", "yellow": "#e6c36a",
           "cyan": "#72c8e0", "prompt": "#8fd19e"}
NAMESPACE = "http://www.w3.org/2000/svg"


def shown(program):
    """Rows of (style, text), commands included."""
    with tempfile.TemporaryDirectory(prefix="wirecopy-picture.") as folder:
        os.mkdir(f"{folder}/bin")
        os.symlink(program.resolve(), f"{folder}/bin/wirecopy")
        os.symlink(HERE.parent / "corpora", f"{folder}/corpora")
        os.symlink("corpora/news/2019", f"{folder}/2019")
        env = dict(os.environ)
        env["PATH"] = f"{folder}/bin:{env.get('PATH', '/usr/bin:/bin')}"
        found = []
        for command in COMMANDS:
            status, output = terminal.run(command, folder, COLUMNS, env)
            if status != 0:
                sys.exit(f"{command}: status {status}\n{output}")
            found += [[]] if found else []
            found += [[("prompt", "$ "), ("strong", command)]]
            found += terminal.rows(output)
    return found


def number(value):
    return f"{value:.1f}".rstrip("0").rstrip(".")


def draw_row(row, y):
    """One <text> with the place of each character, so that Han characters
    stand in their columns whatever fonts there are."""
    parts, column = [], 0
    for style, text in row:
        places = []
        for char in text:
            places.append(number(MARGIN + column * CELL))
            column += terminal.width(char)
        shape = f' class="{style}"' if style else ""
        text = text.replace("&", "&amp;").replace("<", "&lt;")
        parts.append(f'<tspan{shape} x="{" ".join(places)}">{text}</tspan>')
    return f'<text y="{number(y)}" xml:space="preserve">{"".join(parts)}</text>'


def draw(rows):
    wide = number(2 * MARGIN + COLUMNS * CELL)
    high = BAR + len(rows) * LINE + MARGIN
    styles = [
        'text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas,'
        ' "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace;'
        f' fill: {COLOURS[""]} }}',
    ]
    styles += [f".{name} {{ fill: {colour} }}"
               for name, colour in COLOURS.items() if name]
    styles += [".strong { font-weight: bold }",
               ".marked { text-decoration: underline }"]
    dots = "".join(
        f'<circle cx="{MARGIN + 4 + 18 * i}" cy="17" r="5" fill="#444b55"/>'
        for i in range(3))
    lines = [
        f'<svg xmlns="{NAMESPACE}" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}" role="img" '
        'aria-label="wirecopy on a terminal">',
        "<!-- drawn by tests/picture.py: do not edit -->",
        f"<style>{' '.join(styles)}</style>",
        f'<rect width="{wide}" height="{high}" rx="8" fill="#1d2128"/>',
        dots,
    ]
    lines += [draw_row(row, BAR + (i + 0.75) * LINE)
              for i, row in enumerate(rows) if row]
    return "\n".join(lines) + "\n</svg>\n"


def read(picture):
    """The lines of a picture: what is written, after its styles."""
    found = []
    for text in xml.fromstring(picture).iter(f"{{{NAMESPACE}}}text"):
        spans = [(span.get("class", ""), span.text or "") for span in text]
        found.append("".join(f"<{style}>{words}" if style else f"<>{words}"
                             for style, words in spans))
    return [COST.sub(" in * s (*)", line) for line in found]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true")
    parser.add_argument("program", type=pathlib.Path)
    args = parser.parse_args()
    rows = shown(args.program)
    too_wide = [text for row in rows
                if terminal.width(text := "".join(part for _, part in row))
                > COLUMNS]
    new = draw(rows)
    old = PICTURE.read_text(encoding="utf-8") if PICTURE.exists() else ""
    differences = list(difflib.unified_diff(
        read(old) if old else [], read(new), "picture.svg", "came out",
        lineterm=""))
    if args.update and differences:
        PICTURE.write_text(new, encoding="utf-8")
        differences = []
    print("\n".join(differences + [f"too wide: {text}" for text in too_wide]))
    print(f"{len(rows)} lines, {'wrong' if differences or too_wide else 'right'}")
    return 1 if differences or too_wide else 0


if __name__ == "__main__":
    sys.exit(main())
