# a_in_b is the share of a that stands in b.
{ record a "$ferry" '' 2019-01-01; record b "$ferry_cut" '' 2019-01-02; } |
    wirecopy pairs -q
