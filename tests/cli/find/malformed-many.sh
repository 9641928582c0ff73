# Ten are shown one by one, but line after line with one flaw is one message.
for i in {1..12}; do echo broken; record $i "$ferry"; done >in.jsonl
wirecopy find -q in.jsonl | wc -l
{ record a "$ferry"; for i in {1..13}; do echo broken; done; echo '{'; echo '{'
    echo '{'; echo broken; echo '{'; } >in.jsonl
wirecopy find -q in.jsonl
record a "$ferry" | sed 'p; s/text/body/p; s/id/doc/p' >in.jsonl
wirecopy find -q in.jsonl --text-field txt
for i in {1..99}; do echo broken; done | wirecopy find -q --input-format jsonl
