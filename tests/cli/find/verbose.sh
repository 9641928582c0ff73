mkdir news
for i in 1 2 3; do
    printf '%s\n' "$bridge" | iconv -f UTF-8 -t GBK >news/$i.txt
done
printf '%s\n' "$bridge" >news/.hidden
wirecopy find -v news | wc -l
