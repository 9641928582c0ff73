# Equal dates: ids bytewise, so that 10 comes before 9 and Z before a.
for id in a Z 9 10 é 10a; do record $id "$ferry" '' 2019-03-03; done |
    wirecopy find -q -f tsv | cut -f 5
