# What the offsets say is what stands there.
two_files
wirecopy compare a.txt b.txt | python3 -c '
import json, sys
texts = {name: open(name + ".txt", "rb").read() for name in "ab"}
for run in json.load(sys.stdin)["runs"]:
    for name in "ab":
        if run[name + "_begin"] is not None:
            part = texts[name][run[name + "_begin"]:run[name + "_end"]]
            print(run["in"], name, part.decode())
'
