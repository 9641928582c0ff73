# An archive on standard input is the same as its file, but for the name.
mkdir d
printf '%s\n' "$ferry" >d/one.txt
{ record r1 "$bridge_hant"; echo; record '' "$ferry"; } >d/two.jsonl
tar cf a.tar d
tar czf a.tgz d
python3 - <<'END'
import zipfile
with zipfile.ZipFile("a.zip", "w", zipfile.ZIP_DEFLATED) as out:
    for name in "d/one.txt", "d/two.jsonl":
        out.write(name)
END
wirecopy find -q -f tsv <a.tar | cut -f 5-7,11
for name in a.tar a.tgz a.zip; do
    wirecopy find -q $name | sed "s/$name!/-!/g" >plain
    wirecopy find -q <$name | cmp - plain
    cat $name | wirecopy find -q - | cmp - plain
    for threads in 1 3; do
        (head -c 300 $name; sleep 0.1; tail -c +301 $name) |
            wirecopy find -q -j $threads | cmp - plain
    done
    wirecopy find -q <(cat $name) | sed 's|/dev/fd/[0-9]*!|-!|g' | cmp - plain
    # From where another program has left off.
    (printf 'before:'; cat $name) >rest
    (dd bs=7 count=1 status=none >/dev/null; wirecopy find -q) <rest |
        cmp - plain
done
