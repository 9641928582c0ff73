# What is something else is not taken for one long text.
printf '[\n {"text": "one"},\n {"text": "two"}\n]\n' >array.json
printf '[{"text": "one"}]\n' >array
printf '{\n "text": "one"\n}\n' >object.json
printf '<!DOCTYPE html>\n<p>one\n' >page
printf 'WARC/1.0\r\nWARC-Type: warcinfo\r\n\r\n' >crawl.warc
printf 'WARC/1.1\r\nWARC-Type: response\r\n\r\n\0\1\2\3\4\5\6' >picture.warc
printf 'filedesc://crawl.arc 0.0.0.0 20080101 text/plain 75\n' >crawl.arc
printf '[Dunvale] %s\n' "$ferry" >text
wirecopy find array.json array object.json page crawl.warc picture.warc \
    crawl.arc text
echo "status $?"
