{
    printf 'id\ttext\n'
    printf 'a1\t%s\na2\t%s\nb1\t%s\n' "$bridge" "$bridge_typo" "$library"
} >in.tsv
wirecopy dedup -q in.tsv | cmp - <(sed 3d in.tsv) && echo same
