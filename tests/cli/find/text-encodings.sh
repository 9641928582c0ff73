# One story in the encodings of four newspapers is one group.
mkdir -p papers
printf '%s\n' "$bridge" >papers/a-utf8.txt
printf '%s\n' "$bridge" | iconv -f UTF-8 -t GBK >papers/b-gbk.txt
printf '%s\n' "$bridge_hant" | iconv -f UTF-8 -t BIG5 >papers/c-big5.txt
{ printf '\377\376'; printf '%s\n' "$bridge" | iconv -f UTF-8 -t UTF-16LE
} >papers/d-utf16.txt
printf '%s\n' "$library" >papers/e-other.txt
wirecopy find -q papers
