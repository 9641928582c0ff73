# Whom the copies credit: other datelines, and none, make no other story.
{
    record a1 "新华社澜汀4月12日电(记者 顾舟)$bridge"
    record a2 "　　據新華社電　$bridge_hant"
    record a3 "$bridge（来源：中新网）"
    record a4 "本报讯 （记者　商陆） $bridge_typo"
    record c1 "PORT SELWICK, March 5 (Reuters) - $ferry"
    record c2 "SELWICK (Gannet Press) - $ferry_cut"
    record c3 "$ferry"$'\n''Source: Dunvale Post'
} >in.jsonl
wirecopy find -q -t 0.5 -f csv in.jsonl | cut -d , -f 5,11,15-
# The same credit makes no copies of different stories.
{
    record a1 "新华社澜汀4月12日电(记者 顾舟)$bridge"
    record b1 "新华社澜汀4月12日电(记者 顾舟)$library"
} | wirecopy find -q -t 0.5 -f jsonl
# Texts of compressed records are read once more, those of pipes were kept.
gzip -k in.jsonl
wirecopy find -q -f jsonl in.jsonl >plain
wirecopy find -q -f jsonl in.jsonl.gz | sed 's/\.gz//g' | cmp - plain
wirecopy find -q -f jsonl <in.jsonl | sed 's/"path":"-"/"path":"in.jsonl"/g' |
    cmp - plain
