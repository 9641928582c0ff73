# Given by hand, in any spelling.
printf '%s' "$bridge" | iconv -f UTF-8 -t GBK >a.txt
printf '%s' "$bridge" | iconv -f UTF-8 -t GBK >b.txt
for name in GBK gbk gb18030 cp936; do
    wirecopy find -q -e $name -f tsv a.txt b.txt | sed 1d | wc -l
done
