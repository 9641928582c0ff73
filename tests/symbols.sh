#!/usr/bin/env bash
# symbols.sh OBJECT... - every global name that the library's objects define
# begins with wcp_.  What the C++ wrapper instantiates from headers is weak or
# unique, or lies in the namespace of the library it wraps.
set -u

[ $# -gt 0 ] || { echo "usage: symbols.sh OBJECT..." >&2; exit 2; }
names=$(nm -g -P "$@" 2>/dev/null | awk '
    NF < 2 || $2 == "U" { next }               # file headings, references
    $2 ~ /^[WwVvu]$/ { next }
    { seen++; sub(/^_/, "", $1) }
    $1 !~ /^(wcp_|_?Z.*8simdjson|_?odr_asan|_?asan)/ { print $1, $2 }
    END { print "seen", seen + 0 > "/dev/stderr" }
' 2>&1)
seen=$(printf '%s\n' "$names" | sed -n 's/^seen //p')
bad=$(printf '%s\n' "$names" | grep -v '^seen ' | sort -u)
if [ -z "$seen" ] || [ "$seen" = 0 ]; then
    echo "no global symbols found: is nm installed?"
    exit 1
fi
if [ -n "$bad" ]; then
    echo "global names without the prefix wcp_:"
    printf '%s\n' "$bad"
    exit 1
fi
echo "$seen global names looked at"
