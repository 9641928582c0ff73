# A trail byte of GBK can be a backslash; titles come out as UTF-8.
{ record a "$bridge" '澜汀大桥乗車誠' 2019-04-12 澜汀日报
    record b "$bridge" '青屿' 2019-04-13 云崖晚报; } |
    iconv -f UTF-8 -t GBK >in.jsonl
wirecopy find -q in.jsonl
