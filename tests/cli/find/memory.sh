# What is small is held all the same, however little memory there may be.
stories >in.jsonl
wirecopy find -q in.jsonl >without
wirecopy find -q --memory 100M in.jsonl | cmp - without && echo same
wirecopy find --memory 20M -j 2 in.jsonl
echo "status $?"
wirecopy find --memory much in.jsonl
echo "status $?"
wirecopy find --memory 100M --boilerplate b.jsonl in.jsonl
echo "status $?"
ls
