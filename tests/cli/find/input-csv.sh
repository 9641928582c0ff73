# Quoted line breaks, doubled quotes, CR LF, a byte-order mark; lines are those
# of the file.
{ printf '\357\273\277id,title,text,date,source\r\n'
    printf 'a,"Fire, smoke","%s\r\nThe ""bell"" rang.",2019-03-03,Post\r\n' "$ferry"
    printf 'b,,"%s The bell rang",2019-03-04,\r\n' "$ferry"
    printf '\r\nc,"","%s",,\r\n' "$bridge"
    printf 'd,"x","%s"' "$bridge_typo"; } >in.csv
wirecopy find -f tsv in.csv | cut -f 1,5-12
for pack in gzip zstd; do
    $pack -c <in.csv >in.csv.$pack
    wirecopy find -q --input-format csv in.csv.$pack |
        sed "s/in.csv.$pack/in.csv/g" | cmp - <(wirecopy find -q in.csv)
done
wirecopy find -q --input-format csv <in.csv |
    sed 's/"path":"-"/"path":"in.csv"/g' | cmp - <(wirecopy find -q in.csv)
