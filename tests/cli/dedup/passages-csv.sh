# In CSV quotes stay as they are, in TSV escapes.
{
    printf '\xEF\xBB\xBFid,text,note\r\n'
    printf 'a,"%s","one, two"\r\n' "$ferry"
    printf 'b,"He said ""no"". %s\r\nAnd ""yes"".", x \r\n' "$ferry"
    printf '"c", %s , "" \r\n' "$bridge"
    printf 'd,"%s",\r\n' "$bridge_hant"
    printf 'e,%s第二页。,"last"' "$bridge_hant"
} >in.csv
wirecopy dedup --passages -q in.csv -o out.csv --removed gone.jsonl
cat out.csv
echo
check_cuts in.csv out.csv gone.jsonl
{
    printf 'text\tid\n%s\ta\n' "$ferry"
    printf 'C:\\\\new\\n%s\\tThe \\end\tb\n' "$ferry"
} >in.tsv
wirecopy dedup --passages -q in.tsv
# What is left would begin with a quote and be read as another text.
printf 'id,text\na,%s\nb,%s "quoted" end\n' "${bridge}" "${bridge}" >quote.csv
wirecopy dedup --passages quote.csv
echo "status $?"
