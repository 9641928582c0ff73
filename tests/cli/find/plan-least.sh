# What --plan names is enough for find, also of very many tiny texts.
awk 'BEGIN { for (i = 0; i < 100000; i++)
    printf "{\"id\":\"%d\",\"text\":\"%d and %d\"}\n", i, i * 7919, i }' >in.jsonl
least() { sed 's/.*at least \([0-9]*\)M.*/\1/'; }
for relations in identical,reprint identical,reprint,abridged; do
    run="find -q -j2 --relations $relations in.jsonl"
    plan=$(wirecopy $run --plan --memory 25M 2>&1 | least)
    plan=$(wirecopy $run --plan --memory ${plan}M 2>&1 >/dev/null | least | grep . || echo $plan)
    wirecopy $run --memory ${plan}M -o out.jsonl
    echo "status $?"
    named=$(wirecopy $run --memory $((plan * 3 / 4))M -o out.jsonl 2>&1 | least)
    [ $((named * 13)) -ge $((plan * 10)) ] && echo "not too much" || echo "$plan, $named"
done
