# The header and the rows that stay, line ends in quotes included.
{
    printf 'id,text,note\r\n'
    printf 'a1,"%s", "x" \r\n' "$bridge"
    printf '\r\n'
    printf 'b1,"%s\r\n\nsecond ""line""",\r\n' "$library"
    printf 'a2,%s,"a\nb"\r\n' "$bridge_hant"
    printf 'c1,"%s",last' "$ferry"
} >in.csv
wirecopy dedup in.csv -o out.csv
echo "status $?"
head -c -1 in.csv >/dev/null
python3 - <<'END'
data = open("in.csv", "rb").read()
begin, end = data.index(b"a2,"), data.index(b"c1,")
print(open("out.csv", "rb").read() == data[:begin] + data[end:])
END
