# Standard input may be compressed as well.
stories | gzip | wirecopy find -q | cmp - <(stories | wirecopy find -q)
stories | zstd -q | wirecopy find -q | cmp - <(stories | wirecopy find -q)
