# Two columns of ids mean something else than was thought.
gold 'a1 a2' 'c1 c2'
stories | wirecopy eval -g gold.tsv 2>err
grep -v ' documents, ' err >&2
gold 'a1 a2' 'a1 c1'
stories | wirecopy eval -g gold.tsv 2>err
grep -v ' documents, ' err >&2
