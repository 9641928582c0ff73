# Labels are as good from elsewhere: the end of a path is an id.
mkdir -p corpus/papers/north corpus/papers/south
echo "$bridge" >corpus/papers/north/bridge.txt
echo "$bridge_typo" >corpus/papers/south/bridge.txt
echo "$ferry" >corpus/papers/south/ferry.txt
echo "$ferry_cut" >corpus/papers/ferry.txt
gold 'south/bridge.txt north/bridge.txt reprint' \
    'south/ferry.txt papers/ferry.txt reprint'
mv gold.tsv corpus
for input in corpus corpus/papers "$PWD/corpus" 'corpus/papers/south corpus'; do
    wirecopy eval -q -g corpus/gold.tsv $input
done
(cd corpus/papers/south && wirecopy eval -q -g ../../gold.tsv ../..)
# What is an id as it stands is no end of another; records have their own ids.
gold 'ferry.txt south/ferry.txt reprint' 'bridge.txt a1 reprint'
{ record bridge.txt "$bridge"; record a1 "$bridge"; } >stories.jsonl
(cd corpus/papers && wirecopy eval -q -g ../../gold.tsv . ../../stories.jsonl \
    --errors ../../wrong.jsonl)
cat wrong.jsonl
