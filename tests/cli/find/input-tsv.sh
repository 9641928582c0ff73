# Quotes are text; \t, \n and \\ stand for themselves.
{ printf 'id\ttitle\ttext\n'
    printf 'a\t"one\\ttwo\\n\\\\"\t"%s\n' "$ferry"
    printf 'b\t\t%s"\r\n' "$ferry"; } >in.tsv
wirecopy find -q in.tsv
