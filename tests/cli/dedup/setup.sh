# The stories are those of find.
. "$CASES/../find/setup.sh"

# odd_lines: records with odd spacing, CRLF, blank and unparsable lines, and
# no line end behind the last.
odd_lines() {
    printf '  {"id" : "a1",\t"text":"%s"}  \r\n' "$bridge"
    printf '\n \t\r\n'
    printf '{"id":"b1","text":"%s","more":[1, {"x":null}]}\n' "$library"
    printf '{"id":"broken","text":"%s"\n' "$bridge"
    printf '{"text":"%s","id":"a2"}\r\n' "$bridge_hant"
    printf '{"id":"none"}\n'
    printf '\n'
    printf '{ "id":"a3","text":"%s" }\n' "$bridge_typo"
    printf '{"id":"c1","text":"%s"}' "$ferry"
}

# paper DIR: the stories as text files.
paper() {
    mkdir -p "$1/north" "$1/south"
    printf '%s\n' "$bridge" >"$1/a1.txt"
    printf '%s\n' "$library" >"$1/north/b1.txt"
    printf '%s\n' "$bridge_hant" >"$1/north/a2.txt"
    printf '%s\n' "$ferry" >"$1/south/c1.txt"
    printf '%s\n' "$ferry_cut" >"$1/south/c2.txt"
    printf '%s\r\n' "$bridge_typo" >"$1/z.txt"
}
