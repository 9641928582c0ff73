mkdir papers
echo "$bridge" >papers/bridge.txt
gold 'bridge.txt 1' 'ferry.txt 1'
wirecopy eval -g gold.tsv papers
