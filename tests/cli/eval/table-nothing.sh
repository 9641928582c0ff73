# No pairs on either side: every ratio is 0/0.
gold '# nothing'
record x 'one and only' | wirecopy eval -q -g gold.tsv -f table
