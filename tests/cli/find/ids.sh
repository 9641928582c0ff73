# Numbers are ids as they are written; what is no id gets FILE:LINE.
{ echo "{\"id\":17,\"text\":\"$ferry\"}"
    echo "{\"id\":1.50,\"text\":\"$ferry\"}"
    echo "{\"id\":12345678901234567890,\"text\":\"$ferry\"}"
    echo "{\"id\":\"\",\"text\":\"$ferry\"}"
    echo "{\"id\":null,\"text\":\"$ferry\"}"
    echo "{\"id\":{\"a\":1},\"text\":\"$ferry\"}"
    echo "{\"text\":\"$ferry\"}"
} >in.jsonl
wirecopy find -q -f tsv in.jsonl | cut -f 3,5-7
