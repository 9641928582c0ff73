echo "$bridge" | iconv -f UTF-8 -t GB18030 >gbk.txt
echo "$bridge" >utf8.txt
wirecopy compare -v gbk.txt utf8.txt | cut -d, -f 3
