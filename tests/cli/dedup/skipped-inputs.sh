# What was skipped as a whole is no part of a file of records; a folder of texts
# keeps it.
mkdir data texts
record a 'a text' >data/in.jsonl
printf '<html>x</html>\n' | tee data/page.html texts/page.html >/dev/null
printf 'id,body\n1,x\n' >data/other.csv
printf '[{"text":"x"}]\n' >data/array.json
printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0>\0\1\0\0\0\1\2' >data/picture
echo "$ferry" >texts/a.txt
wirecopy dedup -q data
echo "status $?"
wirecopy dedup -q --passages data
echo "status $?"
wirecopy dedup -q texts -o out/
echo "status $?"
ls out
wirecopy dedup -q <data/picture
echo "status $?"
