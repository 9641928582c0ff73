# A newspaper that cut a story, and one that put lines of its own into it.
cd "$SOURCE/corpora/news/2019" || exit
COLUMNS=80 wirecopy compare -q -f table 01-15-fares-ouwan.txt 01-17-fares-lanting.txt
COLUMNS=80 wirecopy compare -q -f table 01-22-grain-corvane.txt 01-23-grain-harrowmere.txt
