# Texts are kept to be compared: there is no limit to keep.
wirecopy passages --memory 100M news.jsonl
