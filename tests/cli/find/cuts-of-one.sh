# A dispatch of 16 paragraphs, and 300 copies from which five of the inner ones
# are missing, others from each: most are no copies of each other.  None is on
# a page.
awk "$words"'BEGIN {
    srand(5)
    for (p = 0; p < 16; p++)
        paragraph[p] = words(40)
    print_story("all", 14)
    for (i = 0; i < 300; i++)
        print_story("cut" i, 9)
}
function print_story(id, left, text, p) {
    for (p = 0; p < 16; p++)
        if (p == 0 || p == 15 || rand() * (15 - p) < left) {
            text = text paragraph[p] ".\\n"
            left -= p > 0
        }
    printf "{\"id\":\"%s\",\"text\":\"%s\"}\n", id, text
}' >in.jsonl
wirecopy find -q -f tsv in.jsonl | cut -f 11 | sort | uniq -c |
    sed 's/^ *//'
