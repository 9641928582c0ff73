# At 1 only texts that fold to the same letters are left.
stories | wirecopy find -q -t 1 -f tsv --relations identical,reprint | cut -f 1-5,11
