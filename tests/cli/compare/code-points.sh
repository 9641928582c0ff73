# Code points are those of the decoded text; pieces tell what moved together.
two_files
wirecopy compare a.txt b.txt | python3 -c '
import json, sys
texts = {name: open(name + ".txt", encoding="utf-8").read() for name in "ab"}
for run in json.load(sys.stdin)["runs"]:
    for name in "ab":
        if run[name + "_begin"] is not None:
            part = texts[name][run[name + "_char_begin"]:run[name + "_char_end"]]
            begin = run[name + "_begin"]
            whole = texts[name].encode()
            assert part.encode() == whole[begin:run[name + "_end"]]
            print(run["in"], name, part)
'
