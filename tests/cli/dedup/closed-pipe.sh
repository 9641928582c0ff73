# A reader that has seen enough is no failure.
stories | wirecopy dedup -q | head -1 | cut -c 1-10
echo "${PIPESTATUS[@]}"
