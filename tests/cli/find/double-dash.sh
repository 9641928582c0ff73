# After -- everything is an input.
stories >-q
wirecopy find -q -- -q | wc -l
