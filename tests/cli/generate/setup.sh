generate=$(dirname "$(readlink -f "$WIRECOPY")")/wirecopy-generate
