# Two languages have nothing in common; an empty text has nothing at all.
cd "$SOURCE/corpora/news/2019" || exit
COLUMNS=80 wirecopy compare -q -f table 01-22-grain-corvane.txt 01-24-grain-chinese-lanting.txt | head -n 24
COLUMNS=80 wirecopy compare -q -f table 03-09-library-lanting.txt 06-03-weather-lanting.txt | head -n 24
