# a and c are less alike than each is to b: pairs shows both, and find puts
# c with no one, as b is no original.
{ record a "$bridge" '' 2019-01-01
    record b "$bridge_typo" '' 2019-01-02
    record c "${bridge_typo/老船长/老般长}" '' 2019-01-03; } >in.jsonl
wirecopy pairs -q -f tsv -t 0.89 in.jsonl
wirecopy find -q -f tsv -t 0.89 in.jsonl | cut -f 1-5,11,12
