#!/usr/bin/env bash
# layers.sh - the include rule: an include points down the list of layers, and
# two layers of one height do not see each other.  The command line sees its
# own headers and the public one.  Nothing but the agreed names is visible at
# the top of the repository.
#
#   layers.sh ROOT          check the tree at ROOT
#   layers.sh --self-test   check that violations are found
set -u

top_names="src bench tests corpora CMakeLists.txt README.md LICENSE"

height() {
    case $1 in
    base) echo 0 ;;
    text) echo 1 ;;
    input) echo 2 ;;
    sketch) echo 3 ;;
    store) echo 4 ;;
    match | passage) echo 5 ;;
    group) echo 6 ;;
    wirecopy) echo 7 ;;
    cli | report) echo 8 ;;
    *) echo none ;;
    esac
}

# The layer of a path below src/: its folder, or "wirecopy" for the public
# header and its implementation.
layer_of() {
    case $1 in
    */*) echo "${1%%/*}" ;;
    wirecopy.[ch] | wirecopy_*.[ch]) echo wirecopy ;;
    *) echo "unknown" ;;
    esac
}

# Complain unless FILE (below src/) may include TARGET.
check_include() {
    local file=$1 target=$2 from to
    from=$(layer_of "$file")
    case $target in
    ../* | */../*)
        echo "src/$file: includes '$target' by a relative path"
        return 1
        ;;
    wirecopy.h | wirecopy_internal.h | */*) to=$(layer_of "$target") ;;
    *) to=$from ;; # a neighbour in the same folder
    esac
    if [ "$(height "$from")" = none ] || [ "$(height "$to")" = none ]; then
        echo "src/$file: '$target' belongs to no known layer"
        return 1
    fi
    [ "$from" = "$to" ] && return 0
    if [ "$from" = cli ] && [ "$target" != wirecopy.h ]; then
        echo "src/$file: a command includes '$target', not wirecopy.h alone"
        return 1
    fi
    if [ "$(height "$to")" -ge "$(height "$from")" ]; then
        echo "src/$file: includes '$target', which is not below it"
        return 1
    fi
}

check_tree() {
    local root=$1 bad=0 num=0 path line target name
    while IFS= read -r line; do
        path=${line%%:*}
        target=${line#*\"}
        target=${target%%\"*}
        num=$((num + 1))
        check_include "${path#"$root"/src/}" "$target" || bad=1
    done < <(grep -rE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' \
        --include='*.[ch]' --include='*.cpp' --include='*.inc' "$root/src")
    if [ "$num" = 0 ]; then
        echo "no includes found below $root/src"
        return 1
    fi
    if git -C "$root" rev-parse --git-dir >/dev/null 2>&1; then
        for name in $(git -C "$root" ls-files | sed 's,/.*,,' | sort -u); do
            case " $top_names " in
            *" $name "*) ;;
            *) [ "${name#.}" = "$name" ] && echo "visible at the top: $name" &&
                bad=1 ;;
            esac
        done
    fi
    echo "$num includes looked at"
    return $bad
}

# Each line: a file below src/, what it includes, the verdict.
self_test() {
    local bad=0 file target verdict
    while read -r file target verdict; do
        if check_include "$file" "$target" >/dev/null; then
            [ "$verdict" = good ] && continue
        else
            [ "$verdict" = bad ] && continue
        fi
        echo "$file including $target should be $verdict"
        bad=1
    done <<'CASES'
text/fold.c base/base.h good
text/fold.c text/text.h good
text/fold.c text.h good
base/files.c text/text.h bad
match/lsh.c passage/chain.h bad
match/lsh.c sketch/sketch.h good
sketch/minhash.c match/match.h bad
cli/find.c wirecopy.h good
cli/find.c cli/options.h good
cli/find.c base/base.h bad
cli/find.c report/page.h bad
report/page.c cli/cli.h bad
wirecopy.c group/group.h good
wirecopy_find.c wirecopy_internal.h good
wirecopy_internal.h group/group.h good
cli/find.c wirecopy_internal.h bad
group/verdict.c wirecopy_internal.h bad
group/verdict.c wirecopy.h bad
text/fold.c ../base/base.h bad
misc/x.c base/base.h bad
text/fold.c misc/x.h bad
CASES
    return $bad
}

case ${1-} in
--self-test) self_test ;;
"") echo "usage: layers.sh ROOT | --self-test" >&2; exit 2 ;;
*) check_tree "$1" ;;
esac
