# The stories are those of find.
. "$CASES/../find/setup.sh"

# gold LINE...: gold.tsv, spaces becoming tabs.
gold() {
    printf '%s\n' "$@" | tr ' ' '\t' >gold.tsv
}
