# The byte where a file is damaged is named.
echo '{"text":"one two three four five"}' > a.jsonl
wirecopy sign a.jsonl -q -o a.wcs
head -c 700 a.wcs > cut.wcs
wirecopy find cut.wcs
head -c 20 a.wcs > short.wcs
wirecopy find short.wcs
{ cat a.wcs; echo; } > long.wcs
wirecopy find long.wcs
printf '\211WCS\r\n\032\n\002' > new.wcs
tail -c +10 a.wcs >> new.wcs
wirecopy find new.wcs
