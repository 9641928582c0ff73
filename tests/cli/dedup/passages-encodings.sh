# Text files are cut in their own encodings.
printf '%s\n\n%s\n' "$bridge" "$library" >first.txt
printf '头版　要闻\n\n%s\n\n%s\n　　續完\n' "$library" "$bridge" >page.txt
printf '頭版　要聞\n\n%s\n\n續完\n' "$bridge_hant" >hant.txt
mkdir utf8
cp first.txt utf8/0.txt
cp page.txt utf8/page.txt
cp hant.txt utf8/hant.txt
wirecopy dedup --passages -q utf8 -o want/
cat want/page.txt want/hant.txt
for encoding in UTF-16LE UTF-16BE UTF-32LE UTF-32BE GB18030; do
    mkdir in
    cp first.txt in/0.txt
    { printf '\xEF\xBB\xBF'; cat page.txt; } |
        iconv -f UTF-8 -t $encoding >in/page.txt
    wirecopy dedup --passages -q in -o out/
    { printf '\xEF\xBB\xBF'; cat want/page.txt; } |
        iconv -f UTF-8 -t $encoding | cmp - out/page.txt && echo $encoding
    rm -r in out
done
for encoding in BIG5-HKSCS EUC-TW; do
    mkdir in
    printf '%s\n' "$bridge_hant" | iconv -f UTF-8 -t $encoding >in/0.txt
    iconv -f UTF-8 -t $encoding hant.txt >in/hant.txt
    wirecopy dedup --passages -q -e $encoding in -o out/
    iconv -f UTF-8 -t $encoding want/hant.txt | cmp - out/hant.txt &&
        echo $encoding
    rm -r in out
done
