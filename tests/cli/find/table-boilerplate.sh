# The longest relation has room of its own.
wirecopy find -q -f table --relations all "$SOURCE/corpora/news.jsonl" |
    grep -B 1 -m 2 boilerplate
