#!/usr/bin/env bash
# installed.sh BUILD SOURCE SANITIZE - install into a scratch folder, move it,
# and build the example against it through pkg-config and find_package, shared
# and static; what the four programs print is example.expected.  CC and CXX are
# taken from the environment.
set -u
build=$1 source=$2 sanitize=$3
here=$source/tests/api
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
# Not where the build believed it would be: the packages must find their way.
prefix="$scratch/moved to"
flags=("-std=c11")
[ -z "$sanitize" ] || flags+=("-fsanitize=$sanitize")

fail() {
    echo "$*"
    exit 1
}

# says NAME PROGRAM...: the example prints what it should
says() {
    local name=$1 out
    shift
    out=$("$@" 2>&1) || fail "$name: status $?: $out"
    [ "$out" = "$(cat "$here/example.expected")" ] ||
        fail "$name printed: $out"
    echo "$name: good"
}

cmake --install "$build" --prefix "$scratch/first" >"$scratch/log" 2>&1 ||
    fail "$(cat "$scratch/log")"
mv "$scratch/first" "$prefix"

# ---- what was installed

(cd "$prefix" && find . ! -type d) | sort >"$scratch/files"
for name in '/bin/wirecopy$' '/include/wirecopy\.h$' '/libwirecopy\.a$' \
    '/libwirecopy\.so$' '/libwirecopy\.so\.0$' '/wirecopy\.pc$' \
    '/wirecopyConfig\.cmake$' '/man1/wirecopy\.1$' \
    '/bash-completion/completions/wirecopy$' '/site-functions/_wirecopy$' \
    '/wirecopy\.fish$' '/LICENSE$'; do
    grep -q -- "$name" "$scratch/files" || fail "not installed: $name"
done
[ "$(grep -c '/include/' "$scratch/files")" = 1 ] ||
    fail "more than one header: $(grep /include/ "$scratch/files")"
grep -rlF -e "$source" -e "$build" "$prefix"/lib*/*/pkgconfig \
    "$prefix"/lib*/pkgconfig "$prefix"/lib*/*/cmake "$prefix"/lib*/cmake \
    2>/dev/null && fail "the paths above lead to the build"

# ---- pkg-config

libdir=$(dirname "$(dirname "$(find "$prefix" -name wirecopy.pc)")")
export PKG_CONFIG_PATH=$libdir/pkgconfig
if command -v pkg-config >/dev/null; then
    [ "$(pkg-config --modversion wirecopy)" = \
        "$("$prefix/bin/wirecopy" --version | sed 's/.* //')" ] ||
        fail "pkg-config has another version"
    eval "args=($(pkg-config --cflags --libs wirecopy))"
    ${CC:-cc} "${flags[@]}" -o "$scratch/shared" "$here/example.c" \
        "${args[@]}" || fail "cannot be compiled with pkg-config"
    says "pkg-config" env LD_LIBRARY_PATH="$libdir" "$scratch/shared"
    # The archive by its name: -lwirecopy would take the shared library.
    eval "args=($(pkg-config --cflags --libs --static wirecopy))"
    ${CC:-cc} "${flags[@]}" -o "$scratch/static" "$here/example.c" \
        "${args[@]/#-lwirecopy/$libdir/libwirecopy.a}" ||
        fail "cannot be compiled with pkg-config --static"
    says "pkg-config --static" "$scratch/static"
else
    echo "SKIPPED: pkg-config is not installed"
fi

# ---- find_package

cmake -S "$here/consumer" -B "$scratch/consumer" \
    -DCMAKE_C_COMPILER="${CC:-cc}" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_FLAGS="${flags[*]}" >"$scratch/log" 2>&1 &&
    cmake --build "$scratch/consumer" >>"$scratch/log" 2>&1 ||
    fail "find_package: $(cat "$scratch/log")"
says "find_package" "$scratch/consumer/example-wirecopy"
says "find_package static" "$scratch/consumer/example-wirecopy_static"
