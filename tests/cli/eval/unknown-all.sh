mkdir papers
echo "$bridge" >papers/bridge.txt
gold 'bridge.html 1' 'ridge.txt 1'
wirecopy eval -g gold.tsv papers
