# The same letters in another script, other punctuation: nothing to show.
echo "$bridge" >a.txt
echo "$bridge_hant" | iconv -f UTF-8 -t BIG5 >b.txt
wirecopy compare -q -f table a.txt b.txt
COLUMNS=80 wirecopy compare -q -f table --full a.txt b.txt | sed 1,/^$/d
COLUMNS=40 wirecopy compare -q -f table --full a.txt b.txt | sed 1,/^$/d
