# A byte-order mark, CRLF, comments, blank lines, no last newline.
printf '\xef\xbb\xbf# made by hand\r\n\r\na1\t1\r\na2\t1\r\na3\t1' >gold.tsv
stories | wirecopy eval -q -g gold.tsv
