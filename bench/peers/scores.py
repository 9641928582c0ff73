"""scores.py - the tables of compare, for people and for machines"""

import datetime
import os
import pathlib
import platform
import re

import peers

OURS = "wirecopy"


def machine():
    """The processor's name and number."""
    name = platform.processor() or platform.machine()
    try:
        info = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
        name = re.search(r"model name\s*: (.*)", info)[1]
    except (OSError, TypeError):
        pass
    return f"{name}, {os.cpu_count()} processors"


def stamp():
    return f"{datetime.date.today().isoformat()}, {machine()}"


def digits(value, places=3):
    """Three digits, or all of a whole number."""
    if value is None:
        return "-"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.{places}g}"


def share(value):
    return "-" if value is None else f"{value:.4f}"


def markdown(head, rows):
    lines = ["| " + " | ".join(head) + " |",
             "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def plain(row):
    """What goes into JSON."""
    return {key: len(value) if key == "pairs" else value
            for key, value in row.items()}


def left_out_lines(left_out):
    return "".join(f"\n{name} is missing: {reason}\n"
                   for name, reason in left_out.items())


# ---- speed


def verdicts(ours, rows):
    """The two goals."""
    by_threads = {row["threads"]: row for row in ours}
    most = by_threads[max(by_threads)]
    lines = []
    for row in rows:
        if row["name"] == "datasketch, same pairs":
            lines.append(
                f"Against datasketch with the same pairs found, one thread "
                f"each: {digits(by_threads[1]['mb'] / row['mb'])} times; by "
                f"processor time {digits(row['cpu'] / by_threads[1]['cpu'])}.")
    whole = [row for row in rows if peers.PEERS[row["name"]]["whole"]]
    for text, some in (
            ("", whole),
            (" that tells pairs", [row for row in whole if "flags only" not in
                                   peers.PEERS[row["name"]]["note"]])):
        if some:
            best = max(some, key=lambda row: row["mb"])
            lines.append(
                f"Against the fastest{text} of those that look at whole "
                f"documents ({best['name']}, {best['threads']} threads; "
                f"wirecopy {most['threads']}): "
                f"{digits(most['mb'] / best['mb'])} times, precision "
                f"{share(most['precision'])} against "
                f"{share(best['precision'])}, recall {share(most['recall'])} "
                f"against {share(best['recall'])}.")
    return "\n".join(lines)


def speed_table(args, ours, rows, left_out, size, num, num_true):
    reference = {row["threads"]: row for row in ours}
    table = []
    for row in ours + rows:
        table.append([
            row["name"], str(row["threads"]), f"{row['documents']:,}",
            digits(row["seconds"]), digits(row["cpu"]), digits(row["mb"]),
            digits(row["memory"] / 1e6), share(row["precision"]),
            share(row["recall"]),
            digits(reference[row["threads"]]["mb"] / row["mb"])])
    head = ["", "threads", "documents", "s", "CPU s", "MB/s", "MB memory", "precision",
            "recall", "wirecopy is faster"]
    text = (
        f"{stamp()}. {num:,} documents, {size / 1e6:.1f} MB, {num_true:,} "
        f"pairs with a Jaccard index of {args.threshold} or more.\n\n"
        + markdown(head, table) + "\n" + left_out_lines(left_out) + "\n"
        + verdicts(ours, rows) + "\n\n"
        + "\n".join(f"- {name}: {peers.PEERS[name]['package'].split()[0]}; "
                    f"{peers.PEERS[name]['note']}."
                    for name in dict.fromkeys(row["name"] for row in rows))
        + "\n")
    figures = [dict(plain(row), table="speed") for row in ours + rows]
    figures += [{"table": "speed", "name": name, "missing": reason}
                for name, reason in left_out.items()]
    return text, figures


def short_table(figures):
    """Of each program its fastest row."""
    best = {}
    for row in figures:
        if "mb" in row and (row["name"] not in best
                            or row["mb"] > best[row["name"]]["mb"]):
            best[row["name"]] = row
    rows = sorted(best.values(), key=lambda row: -row["mb"])
    return (f"{stamp()}.\n\n" + markdown(
        ["", "threads", "MB/s", "MB memory", "precision", "recall"],
        [[row["name"], str(row["threads"]), digits(row["mb"]),
          digits(row["memory"] / 1e6), share(row["precision"]),
          share(row["recall"])] for row in rows]) + "\n")


# ---- quality


def f1(row):
    p, r = row["precision"], row["recall"]
    return 2 * p * r / (p + r) if p and r else 0.0


def quality_table(thresholds, rows, left_out):
    parts = [f"{stamp()}. Precision / recall / F1 of pairs, by threshold; the "
             "best F1 of a row is bold.\n"]
    for name in dict.fromkeys(row["set"] for row in rows):
        of_set = [row for row in rows if row["set"] == name]
        table = []
        for peer in dict.fromkeys(row["name"] for row in of_set):
            cells = [row for row in of_set if row["name"] == peer]
            best = max(map(f1, cells))
            table.append([peer] + [
                f"{row['precision'] or 0:.2f} / {row['recall'] or 0:.2f} / "
                + (f"**{f1(row):.3f}**" if f1(row) == best else
                   f"{f1(row):.3f}") for row in cells])
        parts.append(f"**{name}**: {of_set[0]['documents']:,} documents, "
                     f"{of_set[0]['labelled']:,} pairs\n\n"
                     + markdown(["", *map(str, thresholds)], table) + "\n")
    figures = [dict(plain(row), table="quality", f1=f1(row)) for row in rows]
    return "\n".join(parts) + left_out_lines(left_out), figures


# ---- projection

BILLION, BYTES = 10**9, 2 * 10**12
BANDS, SIGNATURE = 20, 128 + 16 + 8  # values of 8 bits, digest, number


def duration(seconds):
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def projection(figures, threads, number):
    row = f"{threads} thread{'s' if threads > 1 else ''}"
    news = {column: figures["news", row, column]
            for column in ("documents", "file", "read", "link", "verify",
                           "copies")}
    seconds = news["read"] + news["link"] + news["verify"]
    documents = news["documents"] * seconds
    megabytes = news["file"] * seconds
    sign = megabytes / news["read"] * 1e6
    key = figures["link", f"link by bands, {row}", "a key"]
    verify = news["verify"] / max(1, news["copies"])
    read, link = BYTES / sign, BANDS * BILLION * key * 1e-9
    # Half are copies, and each is read again and compared with one original.
    check = verify * BILLION / 2
    again = BYTES / 2 / sign
    table = [
        ["read and sign 2 TB", f"{sign / 1e6:,.0f} MB/s", duration(read),
         duration(read / 50)],
        [f"link {BANDS} bands", f"{key:.1f} ns a key ({number:,} signatures)",
         duration(link), duration(link)],
        ["read the half that has copies again", f"{sign / 1e6:,.0f} MB/s",
         duration(again), duration(again / 50)],
        ["compare them", f"{verify * 1e6:.1f} us a copy", duration(check),
         duration(check / 50)],
        ["together", "", duration(read + link + again + check),
         duration((read + again + check) / 50 + link)],
    ]
    text = (
        f"{stamp()}. One billion documents of 2,000 bytes, half of them "
        f"copies, {threads} threads a machine; the rates are of {documents:,.0f} "
        f"documents ({megabytes:,.0f} MB) and of {number:,} signatures.\n\n"
        + markdown(["", "measured", "one machine", "50 signing, one linking"],
                   table)
        + f"\n\nThe signatures are {SIGNATURE * BILLION / 1e9:.0f} GB "
        f"({SIGNATURE} bytes each), which the 50 machines send to the one that "
        "links; it holds the keys of one band at a time, "
        f"{8 * BILLION / 1e9:.0f} GB. Storage and network are taken to be as "
        "fast as this; what does not fit into the caches of this machine at "
        f"{number:,} signatures does not at a billion either.\n")
    return text, [{"table": "project", "threads": threads, "sign_mb": sign / 1e6,
                   "key_ns": key, "verify_us": verify * 1e6,
                   "one_machine_s": read + link + again + check,
                   "fifty_machines_s": (read + again + check) / 50 + link}]


# ---- README


def update(path, sections):
    text = path.read_text(encoding="utf-8")
    for name, section in sections:
        begin = f"<!-- {name}: written by bench/peers/compare -->"
        end = f"<!-- end of {name} -->"
        if begin not in text or end not in text:
            raise SystemExit(f"compare: {path} has no place for {name}")
        before, rest = text.split(begin)
        text = (before + begin + "\n" + section.rstrip("\n") + "\n" + end
                + rest.split(end)[1])
    path.write_text(text, encoding="utf-8")
