# Members of tar and zip files are inputs, each with a name of its own.
mkdir -p d/.git
printf '%s\n' "$ferry" >d/one.txt
printf '%s' "$bridge" | iconv -f UTF-8 -t GBK >d/two
printf 'x' >d/.git/hidden.txt
{ record r1 "$bridge_hant"; echo; record '' "$ferry"; } >d/three.jsonl
{ echo id,text; echo "c1,\"$bridge"; echo '"'; } >d/four.csv
gzip -c d/one.txt >d/five.txt.gz
python3 - <<'END'
import tarfile, zipfile
names = ["one.txt", "two", ".git/hidden.txt", "three.jsonl", "four.csv",
         "five.txt.gz"]
with tarfile.open("a.tar", "w") as tar:
    tar.add("d", recursive=False)
    for name in names:
        tar.add("d/" + name)
    link = tarfile.TarInfo("d/link.txt")
    link.type, link.linkname = tarfile.SYMTYPE, "one.txt"
    tar.addfile(link)
with zipfile.ZipFile("a.zip", "w", zipfile.ZIP_DEFLATED) as out:
    out.writestr("d/", "")
    for name in names:
        out.write("d/" + name)
END
wirecopy find -q -f tsv a.tar | cut -f 5-7,11
wirecopy find -q a.tar >plain
cp a.tar a.data
gzip -k a.tar
zstd -q a.tar
for name in a.tar.gz a.tar.zst a.zip a.data; do
    for threads in 1 3; do
        wirecopy find -q -j $threads $name | sed "s/$name/a.tar/g" |
            cmp - plain
    done
done
mkdir a
mv a.zip a
wirecopy find -q a | sed 's|a/a.zip|a.tar|g' | cmp - plain
