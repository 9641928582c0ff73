# The stories are those of find.
. "$CASES/../find/setup.sh"
