# Other encodings are decoded before the rows are taken apart.
{ echo id,title,text
    echo "a,\"澜汀, 日报\",\"$bridge\""
    echo "b,霧港,\"$bridge_typo\""
    echo "c,大桥,\"$bridge\""; } >utf-8.csv
for name in GB18030 UTF-16 UTF-16BE; do
    iconv -f UTF-8 -t $name utf-8.csv >$name.csv
    wirecopy find -v -f tsv $name.csv 2>err | cut -f 5,7,8,12
    grep encoding err
done
