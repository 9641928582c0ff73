# A hundred stories that share half of their text, and a page that holds all.
awk "$words"'BEGIN {
    srand(5)
    common = words(80)
    for (i = 0; i < 100; i++) {
        own = words(45)
        page = page ".\\n" own
        printf "{\"id\":\"s%d\",\"text\":\"%s. %s\"}\n", i, common, own
    }
    printf "{\"id\":\"page\",\"text\":\"%s%s\"}\n", common, page
}' >in.jsonl
wirecopy find -q -f tsv in.jsonl | cut -f 5,11 | sed 's/^s[0-9]*/s/' | sort | uniq -c |
    sed 's/^ *//'
