printf '%s\n' '{"id":"x","body":{"main":"the words of a story about boats"}}' \
    '{"id":"y","body":{"main":"The words of a story about boots"}}' >in.jsonl
wirecopy compare --text-field body.main in.jsonl#x in.jsonl#y
