# Members of an archive have paths too.
mkdir papers
echo "$bridge" >papers/a.txt
echo "$bridge_typo" >papers/b.txt
echo "$ferry" >c.txt
tar -cf news.tar papers c.txt
gold 'a.txt 1' 'papers/b.txt 1' 'c.txt 2'
wirecopy eval -q -g gold.tsv news.tar
