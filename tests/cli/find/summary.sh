stories | wirecopy find | wc -l
