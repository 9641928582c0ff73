# A field whose own name has a dot is found as well.
for id in n1 n2; do
    echo "{\"id\":\"$id\",\"body.plain\":\"$ferry\"}"
done | wirecopy find -q --text-field body.plain -f tsv | cut -f 3,5
