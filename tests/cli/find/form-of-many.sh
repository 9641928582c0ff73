# Three hundred issues of a form, one of which is printed twice with a word more:
# found, and without a look at each pair of issues, of which there are 45,150.
awk "$words"'BEGIN {
    srand(7)
    for (i = 0; i < 4; i++)
        frame[i] = words(27)
    for (i = 0; i < 300; i++) {
        text = ""
        for (k = 0; k < 4; k++)
            text = text frame[k] " " 100 + int(99000 * rand())
        printf "{\"id\":\"i%d\",\"text\":\"%s\"}\n", i, text
        if (i == 150)
            printf "{\"id\":\"twice\",\"text\":\"%s again\"}\n", text
    }
}' >in.jsonl
wirecopy find -v -f tsv in.jsonl 2>err | cut -f 5,11
sed -n 's/,//g; s/.*: \([0-9]*\) pairs compared exactly/\1/p' err |
    awk '{ print ($1 < 5000 ? "few" : $1) " pairs compared" }'
