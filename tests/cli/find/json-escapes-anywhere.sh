# Whatever has to be escaped, at any place, is read back as it was.
python3 - <<'PY' >in.jsonl
import json
marks = [chr(c) for c in range(32)] + ['"', "\\", "\x7f", "é", "中", "\U0001f6a2"]
for mark in marks:
    for place in range(20):
        head = "x" * place + mark + "y" * (19 - place)
        title = [head, head * 20, mark + head + mark][place % 3]
        record = {"id": f"{ord(mark)}-{place}", "title": title}
        print(json.dumps({**record, "text": "one story about a ship at sea"}))
PY
wirecopy find -q in.jsonl >out.jsonl
python3 - <<'PY'
import json
records = [json.loads(line) for line in open("in.jsonl")]
members = [m for line in open("out.jsonl") for m in json.loads(line)["members"]]
wanted = {r["id"]: r["title"] for r in records}
given = {m["id"]: m["title"] for m in members}
print(len(given), [i for i in wanted if given.get(i) != wanted[i]])
PY
