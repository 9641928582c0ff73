"""checks.py - what is wrong is gathered, and said when a test in Python ends"""

wrong = []


def check(good, *what):
    """Unless good, note what was looked at."""
    if not good:
        wrong.append(" ".join(str(part) for part in what))


def finish(*counts):
    """Say what is wrong, as much as one would read; the status of the test."""
    for line in wrong[:40]:
        print(line[:2000])
    print(", ".join([*counts, f"{len(wrong)} wrong"]))
    return 1 if wrong else 0
