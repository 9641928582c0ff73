# A row is a line: tabs, line ends and backslashes are escaped.
{ record one "$ferry" $'a\ttab' 2019-03-03 $'two\nlines'
    record two "$ferry" 'back\slash' '' ''; } | wirecopy find -q -f tsv
