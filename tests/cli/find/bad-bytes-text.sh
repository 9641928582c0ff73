# A GBK file with half a character, in each way.
{ printf '%s' "$bridge" | iconv -f UTF-8 -t GBK; printf '\304'; } >a.txt
printf '%s' "$bridge" | iconv -f UTF-8 -t GBK >b.txt
for how in replace skip fail; do
    wirecopy find -q -e GBK --on-bad-bytes $how -f tsv a.txt b.txt |
        cut -f 1-3,5,11,12
    echo "$how: status ${PIPESTATUS[0]}"
done
