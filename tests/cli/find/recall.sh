# More recall, more bands.
stories >in.jsonl
for recall in 0.5 0.9 0.99 0.9999; do
    wirecopy find -v --recall $recall in.jsonl 2>&1 >/dev/null |
        grep -o '[0-9]* bands x [0-9]* rows'
done
