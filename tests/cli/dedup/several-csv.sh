# Of several tables the header is written once.
printf 'id,text\na1,%s\n' "$bridge" >1.csv
printf 'id,text\r\na2,%s\r\nc1,%s' "$bridge" "$ferry" >2.csv
printf 'id,text\nb1,%s\n' "$library" >3.csv
wirecopy dedup -q 1.csv 2.csv 3.csv | cut -c 1-4 | tr '\r' '$'
# Other columns cannot follow.
printf 'text,id\n%s,b1\n' "$library" >other.csv
wirecopy dedup 1.csv other.csv -o out
echo "status $?"
ls
