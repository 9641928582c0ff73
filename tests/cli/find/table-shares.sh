# Of what lies in the original, or holds it, a table says how much of it does;
# its Jaccard index would look like no copy.
record a "$ferry" '' 2019-03-03 >in.jsonl
record b "${ferry% The captain*}" '' 2019-03-04 >>in.jsonl
record c "$ferry Nobody was hurt, said the harbour master, who had sent two boats and a tug. The line has lost three of its ships in as many years." '' 2019-03-05 >>in.jsonl
record d "$ferry_cut" '' 2019-03-06 >>in.jsonl
record e "$bridge $library" '' 2019-03-06 >>in.jsonl
record f "$bridge" '' 2019-03-07 >>in.jsonl
wirecopy find -q -f table in.jsonl
wirecopy pairs -q -f table in.jsonl
wirecopy find -q -f csv in.jsonl | cut -d, -f4,5,11-14
wirecopy pairs -q -f table --relations identical,reprint -t 0.4 in.jsonl
# The weakest is the least of what is shown.
record a "$library" '' 2019-03-03 >in.jsonl
record b "$library" '' 2019-03-04 >>in.jsonl
record c "${library%木匠*}县长剪彩。" '' 2019-03-05 >>in.jsonl
wirecopy find -q -f table in.jsonl
