# What comes before the break is read.
for i in 1 2 3 4; do
    { echo "$ferry"; seq $((i * 1000)) $((i * 1000 + 300)); } >$i.txt
done
python3 - <<'END'
import tarfile, zipfile
with tarfile.open("whole.tar", "w") as tar, \
        zipfile.ZipFile("whole.zip", "w", zipfile.ZIP_DEFLATED) as out:
    for i in range(1, 5):
        tar.add(f"{i}.txt")
        out.write(f"{i}.txt")
for name, share in (("tar", 0.5), ("zip", 0.6)):
    data = open("whole." + name, "rb").read()
    open("half." + name, "wb").write(data[:int(len(data) * share)])
open("none.zip", "wb").write(b"PK\3\4 and nothing that follows is a zip file")
END
wirecopy pairs -t 0.05 -f tsv half.tar half.zip none.zip 2>err | wc -l
echo "status ${PIPESTATUS[0]}"
grep -v documents err
