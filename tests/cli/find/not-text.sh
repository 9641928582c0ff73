# What is something else is not taken for one long text.
printf '[\n {"text": "one"},\n {"text": "two"}\n]\n' >array.json
printf '[{"text": "one"}]\n' >array
printf '{\n "text": "one"\n}\n' >object.json
printf '<!DOCTYPE html>\n<p>one\n' >page
printf 'WARC/1.0\r\nWARC-Type: warcinfo\r\n\r\n' >crawl.warc
printf '[Dunvale] %s\n' "$ferry" >text
wirecopy find array.json array object.json page crawl.warc text
echo "status $?"
