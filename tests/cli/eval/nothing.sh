gold '# nothing'
record x 'one and only' | wirecopy eval -q -g gold.tsv
