# A name that was found in a folder commands no terminal.
mkdir news
paper found && mv found/a1.txt "news/$(printf 'a\033[31m1.txt')"
wirecopy dedup -q news -o out/
wirecopy dedup -q news -o out/
echo "status $?"
