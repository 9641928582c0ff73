# What comes as one text from standard input is no file that could be listed or
# copied: nothing is dropped for being its copy.
paper news
wirecopy dedup --input-format text -q - news <news/a1.txt
echo "status $?"
cat news/a1.txt | wirecopy dedup --input-format text -q -o clean/
echo "status $?"
ls
