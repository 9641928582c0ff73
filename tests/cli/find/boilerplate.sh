# What stands in many documents that are no copies, with its places.
advert='Subscribe to the Gull, the paper of all the islands, for a penny a week, and read what the others only copy.'
notice='未经许可，任何人不得转载或使用整体的或任何部分的内容。'
story() { # NUMBER: words that no other has
    local i x=$((1000 + $1 * 7919))
    for i in $(seq 60); do
        x=$(((x * 16807 + $1) % 2147483647))
        printf '%x ' "$x"
    done
}
for i in 1 2 3 4 5 6 7 8; do
    record "$i" "$(story $i)$advert" '' 2019-03-0$i
done >in.jsonl
# Many papers ran one story: it is in many documents, but of one group.
for i in a b c d e f g h i; do record "$i" "$bridge$notice"; done >>in.jsonl
wirecopy find -q -f csv --boilerplate everywhere.jsonl in.jsonl | cut -d , -f 1-3 |
    sort -u
sed 's/{"id"/\n&/g' everywhere.jsonl
# The places hold the text.
while IFS=$'\t' read -r id begin end; do
    sed -n "${id}p" in.jsonl | sed 's/.*"text":"//; s/".*//' |
        tail -c +$((begin + 1)) | head -c $((end - begin)) | sed 's/$/\n/'
done < <(sed 's/{"id"/\n&/g' everywhere.jsonl |
    sed -n 's/{"id":"\([0-9]*\)".*"begin":\([0-9]*\),"end":\([0-9]*\).*/\1\t\2\t\3/p') |
    uniq -c
# Fewer documents, longer texts, and a word about it.
wirecopy find -f csv -o groups.csv --boilerplate few.jsonl \
    --boilerplate-documents 9 in.jsonl 2>&1 | grep stand
cat few.jsonl
wirecopy find -q -f csv -o groups.csv --boilerplate long.jsonl.gz \
    --boilerplate-length 40 in.jsonl
gzip -cd long.jsonl.gz | wc -l
# The same for any number of threads, and from compressed records and a pipe.
gzip -k in.jsonl
for input in in.jsonl in.jsonl.gz -; do
    wirecopy find -q -j 3 -f csv -o groups.csv --boilerplate other.jsonl \
        $input <in.jsonl
    sed 's/"path":"[^"]*"/"path":"in.jsonl"/g' other.jsonl |
        cmp - everywhere.jsonl
done
