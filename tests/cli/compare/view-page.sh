# A story on a page with others, which are not shown whole.
cd "$SOURCE/corpora/news/2019" || exit
COLUMNS=80 wirecopy compare -q -f table 01-22-grain-corvane.txt 01-24-page-dunvale.txt
