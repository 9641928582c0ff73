# Names in GBK inside a zip file, which no locale has to know; paths that lead
# out of the archive are names and nothing more.
printf '%s\n' "$ferry" >text
python3 - <<'END'
import zipfile
with zipfile.ZipFile("a.zip", "w") as out:
    for name in ["AAAA.txt", "BB\u4e0a.txt", "../../etc/CC.txt"]:
        out.write("text", name)
data = open("a.zip", "rb").read()
open("a.zip", "wb").write(data.replace(b"AAAA", "澜汀".encode("gbk")))
END
LC_ALL=C wirecopy find -q -f tsv a.zip | cut -f 5,6
