# An output's name may be as long as the system allows: 255 bytes.
name=$(printf '%0255d' 7)
printf '{"text":"%s"}\n' "$bridge" >in.jsonl
wirecopy dedup -q in.jsonl -o "$name" && wc -l <"$name"
rm "$name"
mkdir texts && echo "$bridge" >texts/a.txt
wirecopy dedup -q texts -o "$name/" && ls "$name"
