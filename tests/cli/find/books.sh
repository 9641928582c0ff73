# The texts for people outside news, at the thresholds that their README names,
# and as their labels say.
cd "$SOURCE/corpora/books/texts" || exit
for threshold in 0.8 0.5 0.3 0.05; do
    echo "-t $threshold"
    wirecopy find -q -f table -t $threshold *.txt
done
wirecopy eval -q -g ../gold.tsv *.txt
wirecopy eval -q -g ../gold.tsv -t 0.3 *.txt
