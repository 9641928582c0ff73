gold 'a1 1' 'a2 1' 'a3 1' 'c1 3' 'c2 3'
for t in .5 .9 1; do
    stories | wirecopy eval -q -g gold.tsv -t $t --relations identical,reprint
done
