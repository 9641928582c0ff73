#!/usr/bin/env bash
# lint.sh ROOT [BUILD [NODES]] - the layout of the C files is clang-format's;
# with a build folder that holds compile_commands.json, clang-tidy runs as well.
# Status 77 says that nothing could be checked.
#
# clang-tidy follows the paths through a function up to NODES states.  Nearly
# all its time goes there: with its own number, 225000, it takes four times as
# long as with 40000, and has found nothing more here.
set -u

root=${1:?usage: lint.sh ROOT [BUILD]}
build=${2-}
nodes=${3-40000}

if ! command -v clang-format >/dev/null; then
    echo "SKIPPED: clang-format is not installed"
    exit 77
fi
# Generated tables are laid out by their generator.
mapfile -t files < <(find "$root/src" "$root/tests" "$root/bench" \
    \( -name '*.c' -o -name '*.h' -o -name '*.cpp' \) \
    ! -name '*_table*' ! -name '*_data.*' | LC_ALL=C sort)
if [ ${#files[@]} = 0 ]; then
    echo "no files found below $root"
    exit 1
fi
bad=0
unformatted=$(clang-format --dry-run -Werror "${files[@]}" 2>&1 |
    sed -n 's/:.*code should be clang-formatted.*//p' | uniq -c)
if [ -n "$unformatted" ]; then
    echo "to be laid out by clang-format -i (places, file):"
    printf '%s\n' "$unformatted"
    bad=1
fi

# Two measures that clang-format does not know.
for file in "${files[@]}"; do
    lines=$(wc -l <"$file")
    most=700
    # One header is installed, and half of it is what it says to its users.
    [ "$file" != "$root/src/wirecopy.h" ] || most=850
    if [ "$lines" -gt "$most" ]; then
        echo "$file: $lines lines, more than $most"
        bad=1
    fi
    if grep -nE '^[[:space:]]*//|[;{}][[:space:]]*//' "$file"; then
        echo "$file: comments are written /* so */"
        bad=1
    fi
done

if [ -n "$build" ] && command -v clang-tidy >/dev/null; then
    config=(-Xclang -analyzer-config -Xclang "max-nodes=$nodes")
    find "$root/src" -name '*.c' ! -name '*_table*' -print0 |
        xargs -0 -n 2 -P "${JOBS:-$(nproc 2>/dev/null || echo 2)}" \
            clang-tidy -p "$build" --quiet "${config[@]/#/--extra-arg=}" ||
        bad=1
fi
[ $bad = 0 ] && echo "${#files[@]} files looked at"
exit $bad
