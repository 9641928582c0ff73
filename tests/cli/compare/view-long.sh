# A text without any end of a sentence is cut; so is a word without an end.
python3 - <<'PY'
import random
random.seed(7)
letters = [chr(random.randrange(0x4E00, 0x9F00)) for _ in range(900)]
open("a.txt", "w").write("".join(letters))
open("b.txt", "w").write("".join(letters[:450] + ["\u6c34\u706b"] + letters[450:]))
open("c.txt", "w").write("x" * 300)
open("d.txt", "w").write("x" * 150 + "y" + "x" * 149)
PY
wirecopy compare -q -f table a.txt b.txt | awk '/~/ || /\.\.\./ { n++ } END { print n }'
wirecopy compare -q -f table a.txt b.txt | grep -c 水火
COLUMNS=60 wirecopy compare -q -f table c.txt d.txt
