# An end that several paths have stands for none of them, but a document that
# a longer one means is taken.
mkdir -p papers/north papers/south
echo "$bridge" >papers/north/bridge.txt
echo "$bridge_typo" >papers/south/bridge.txt
gold 'north/bridge.txt 1' 'bridge.txt 1'
wirecopy eval -q -g gold.tsv papers
echo "status $?"
gold 'north/bridge.txt other.txt reprint' 'bridge.txt north/bridge.txt reprint'
cp papers/north/bridge.txt papers/other.txt
wirecopy eval -q -g gold.tsv papers
echo "status $?"
mkdir papers/west
cp papers/other.txt papers/west/bridge.txt
wirecopy eval -q -g gold.tsv papers
