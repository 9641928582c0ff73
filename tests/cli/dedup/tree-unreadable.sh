# One file that cannot be opened does not keep the others from being copied, if
# the run was to leave out something in any case; else nothing is copied.
long=$(printf 'folder%.0s' {1..30})
mkdir -p news/lost "news/$long"
printf '%s\n' "$library" >news/b.txt
for i in $(seq 150); do
    printf '%s\n' "$bridge" >"news/$long/$i.txt"
done

# lose INPUT...: a file goes while the list of what is removed waits.
lose() {
    printf '%s\n' "$ferry" >news/lost/c.txt
    mkfifo pipe
    wirecopy dedup -q "$@" -o clean/ --removed pipe &
    exec 3<pipe
    dd bs=1 count=1 <&3 2>dd.log | wc -c
    rm news/lost/c.txt
    cat <&3 >rest
    exec 3<&-
    wait $!
    echo "status $?"
    rm pipe
    find . -name '.?*' # nothing hidden stays
    find clean -type d,f | sed "s/$long/long/" | sort
}
lose news
mkdir clean
lose news
rmdir clean
lose news missing
rm -r clean
mkdir clean
lose news missing
