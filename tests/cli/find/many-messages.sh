# Of one kind ten messages are shown over all inputs, -v shows all.
mkdir papers
for i in {10..39}; do printf 'odd, \xff and illegal' >papers/$i.txt; done
for i in 1 2; do echo broken >papers/$i.jsonl; done
for options in '' -v -q; do
    wirecopy find -e UTF-8 $options papers 2>&1 >/dev/null | grep -e illegal -e malformed |
        sed -n '1p; $!d; p; $='
done
wirecopy find -e UTF-8 papers 2>&1 >/dev/null | grep more
