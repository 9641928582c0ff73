# A threshold filters what is within the distance.
stories >in.jsonl
wirecopy find -q --signature simhash -d 8 -t 0.99 -f tsv in.jsonl |
    cut -f 1-5,11,12
