# What cannot be cut exactly stays whole, which is said.
mkdir in
printf '%s\n' "$ferry" >in/0.txt
printf 'Bad \xff byte. %s\n' "$ferry" >in/bad.txt
printf 'Packed. %s\n' "$ferry" | gzip -n >in/packed.txt.gz
wirecopy dedup --passages -e UTF-8 in -o out/ --removed gone.jsonl
echo "status $?"
diff -r in out && cat gone.jsonl
japanese=$(printf '東京都の天気は晴れのち曇りで最高気温は二十度になる見込みですと気象庁が発表しました%s' 続きは夕方の放送でお伝えします)
printf '%s\n' "$japanese" >plain.txt
printf '見出し\n\n%s\n' "$japanese" | iconv -f UTF-8 -t ISO-2022-JP >state.txt
wirecopy dedup --passages plain.txt state.txt -o state/ --strict
echo "status $?"
ls
{ record a "$ferry"; printf '{"id":"b","text":"End \\ud800 %s"}\n' "$ferry"; } \
    >lone.jsonl
wirecopy dedup --passages lone.jsonl | cmp - lone.jsonl
