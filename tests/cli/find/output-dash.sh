stories | wirecopy find -q -o - | wc -l
