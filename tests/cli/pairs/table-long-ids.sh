# Long ids are cut, Han ones by their width.
{ record 'https://news.example/2019/03/03/crew-praised-after-fire' "$ferry"
    record '云崖晚报网站新闻频道地方版二〇一九年三月四日第七条' "$ferry"; } >in.jsonl
wirecopy pairs -q -f table in.jsonl
COLUMNS=120 wirecopy pairs -q -f table in.jsonl
