# Encodings, scripts, long s and umlauts are no differences; words are.
export COLUMNS=80
cd "$SOURCE/corpora/books/texts" || exit
wirecopy compare -q -f table ballad-1687.txt ballad-1724.txt | head -n 20
wirecopy compare -q -f table lease-1931.txt lease-1956.txt
wirecopy compare -q -f table sermon-harvest.txt sermon-storm.txt | tail -n 17
