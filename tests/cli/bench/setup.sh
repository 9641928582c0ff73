bench=$(dirname "$(readlink -f "$WIRECOPY")")/wirecopy-bench
