# A first line that names columns is skipped; so is one that is nobody's.
for head in 'id cluster' 'document group' 'ID text'; do
    gold "$head" 'a1 1' 'a2 1'
    stories | wirecopy eval -q -g gold.tsv
done
gold 'first second same' 'a1 a2 1'
stories | wirecopy eval -q -g gold.tsv
# But an id called "id" is an id.
gold 'id 1' 'x 1'
{ record id "$bridge"; record x "$bridge_typo"; } |
    wirecopy eval -q -g gold.tsv
