# The stories are those of find.
. "$CASES/../find/setup.sh"

# odd_lines: records with odd spacing, CRLF, blank and unparsable lines, and
# no line end behind the last.
odd_lines() {
    printf '  {"id" : "a1",\t"text":"%s"}  \r\n' "$bridge"
    printf '\n \t\r\n'
    printf '{"id":"b1","text":"%s","more":[1, {"x":null}]}\n' "$library"
    printf '{"id":"broken","text":"%s"\n' "$bridge"
    printf '{"text":"%s","id":"a2"}\r\n' "$bridge_hant"
    printf '{"id":"none"}\n'
    printf '\n'
    printf '{ "id":"a3","text":"%s" }\n' "$bridge_typo"
    printf '{"id":"c1","text":"%s"}' "$ferry"
}

# paper DIR: the stories as text files.
paper() {
    mkdir -p "$1/north" "$1/south"
    printf '%s\n' "$bridge" >"$1/a1.txt"
    printf '%s\n' "$library" >"$1/north/b1.txt"
    printf '%s\n' "$bridge_hant" >"$1/north/a2.txt"
    printf '%s\n' "$ferry" >"$1/south/c1.txt"
    printf '%s\n' "$ferry_cut" >"$1/south/c2.txt"
    printf '%s\r\n' "$bridge_typo" >"$1/z.txt"
}

# pages: records of pages that print stories again.
pages() {
    record p1 "$bridge"$'\n'"$library"
    record p2 "Page two"$'\n\n'"$ferry"$'\n\n'"$bridge_hant"$'\n'
    record p3 "$library"
    record p4 "\"Shipping\": $ferry"$'\t'"End of page."
}

# check_cuts BEFORE AFTER REMOVED: every text is what it was but for the spans
# that are listed, and records are else the same; JSONL or CSV, by their names.
check_cuts() {
    python3 - "$@" <<'PYTHON'
import collections, csv, json, sys

def read(name):
    with open(name, encoding="utf-8-sig", newline="") as f:
        if name.endswith(".csv"):
            return [dict(row) for row in csv.DictReader(f)]
        return [json.loads(line) for line in f if line.strip()]

before, after = read(sys.argv[1]), read(sys.argv[2])
spans = collections.defaultdict(list)
for line in open(sys.argv[3], encoding="utf-8"):
    gone = json.loads(line)
    spans[gone["id"]].append(gone)
want = []
for record in before:
    text, at, left = record["text"], 0, ""
    for gone in spans[record["id"]]:
        begin, end = gone["char_begin"], gone["char_end"]
        assert at <= begin < end <= len(text), gone
        raw = text.encode()[gone["begin"]:gone["end"]].decode()
        assert raw == text[begin:end], gone
        left += text[at:begin]
        at = end
    if any(gone["dropped"] for gone in spans[record["id"]]):
        continue
    want.append({**record, "text": left + text[at:]})
assert want == after, (want, after)
print("as listed:", sum(len(v) for v in spans.values()), "cuts")
PYTHON
}
