# Agencies of the user's own, and patterns.
{
    record a1 "北屿社澜汀4月12日电（记者 顾舟）$bridge"
    record a2 "$bridge（北嶼社）"
    record c1 "SELWICK (GP) - $ferry"
    record c2 "Via the Gull"$'\n'"$ferry_cut"
} >in.jsonl
cat >credits.tsv <<'LINES'
# papers of the east
North Isles Agency	北屿社
Gannet Press	GP

The Gull	^via [the |a ]gull{end}
LINES
wirecopy find -q -t 0.5 -f csv --credits credits.tsv in.jsonl | cut -d , -f 5,15-
# Without the file the first names itself, and the second nobody who is known.
wirecopy find -q -t 0.5 -f csv in.jsonl | cut -d , -f 5,15-
# As editors on other systems save it.
printf '\357\273\277North Isles Agency\t\345\214\227\345\261\277\347\244\276\r\n' >bom.tsv
wirecopy find -q -t 0.5 -f csv --credits bom.tsv in.jsonl | cut -d , -f 5,15-
# What cannot be understood is said with its line, and nothing is read.
for line in 'no tab' $'A\t' $'A\tb' $'A\tb\tc' $'\tspelling' $'A\t{plaec}' \
    $'A\t[{date}' $'A\t[{date}]' $'A\t\200\200'; do
    printf '# names\n%s\n' "$line" >bad.tsv
    wirecopy find --credits bad.tsv in.jsonl
    echo "status $?"
done
wirecopy find --credits none.tsv in.jsonl
echo "status $?"
wirecopy find --credits . in.jsonl
echo "status $?"
yes $'A\tbb' | head -n 3000 >bad.tsv
wirecopy find --credits bad.tsv in.jsonl
echo "status $?"
