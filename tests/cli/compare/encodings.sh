# Offsets are those of the decoded text.
echo "$bridge" | iconv -f UTF-8 -t GB18030 >gbk.txt
echo "$bridge_hant" | iconv -f UTF-8 -t UTF-16 >utf16.txt
echo "$bridge_hant" | iconv -f UTF-8 -t BIG5 | gzip >big5.txt.gz
wirecopy compare gbk.txt utf16.txt
wirecopy compare gbk.txt big5.txt.gz
