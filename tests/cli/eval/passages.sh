# Spans of characters against the passages that are found.
{
    record a "$bridge"
    record b "头条。$bridge_hant 完"
    record c "Notices. $ferry"
    record d "$ferry_cut and into the boats."
    record e "$library"
} >in.jsonl
gold 'id begin end cluster' 'a 0 99 bridge' 'b 3 102 bridge' 'c 9 200 ferry' \
    'd 0 172 ferry' 'e 0 40 nowhere-else' 'gone 0 50 ferry'
wirecopy eval --passages -g gold.tsv -f table -q in.jsonl
wirecopy eval --passages -g gold.tsv -q in.jsonl
wirecopy eval --passages -g gold.tsv -q -f csv -l 60 in.jsonl
# Files, by the ends of their paths, in other encodings: characters are those
# of the text.
mkdir news
printf '%s' "$bridge" | iconv -f UTF-8 -t GB18030 >news/1.txt
printf '头条。%s完' "$bridge_hant" | iconv -f UTF-8 -t UTF-16 >news/2.txt
gold '1.txt 0 99 x' 'news/2.txt 3 102 x'
wirecopy eval --passages -g gold.tsv -q news
gold 'a 500 600 x' 'b 500 600 x'
wirecopy eval --passages -g gold.tsv -q -f table in.jsonl
gold '# nothing'
wirecopy eval --passages -g gold.tsv -q -f table -l 1000 in.jsonl
