# Whoever forgets the / gets a list, and is told; a file is no folder.
mkdir papers
echo "$bridge" >papers/a.txt
echo "$bridge_typo" >papers/b.txt
wirecopy dedup -o clean papers 2>&1 | sed 's/, [^ ]* B .*)//'
cat clean
wirecopy dedup -o list.txt papers 2>&1 | sed 's/, [^ ]* B .*)//'
wirecopy dedup -q -o clean papers
wirecopy dedup -o clean/ papers
echo "status $?"
cat clean
