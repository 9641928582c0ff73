# Each message names the option, what it takes and what it was given.
try() {
    wirecopy find "$@" </dev/null
    [ $? = 2 ] || echo "not status 2: $*"
}
for value in 0 1.1 -1 x nan inf 0.5x ''; do try --threshold "$value"; done
for value in 0.4 1 x; do try --recall $value; done
for value in 0 65 2.5 x 5k; do try --shingle $value; done
for value in -1 9 x; do try --distance $value; done
for value in 0 257 all; do try --threads $value; done
for value in 0 2G 1T 10KX M; do try --max-document $value; done
for value in md5 ''; do try --signature "$value"; done
try --input-format html
try --on-bad-bytes ignore
try --format xml
try --encoding klingon
try --text-field ''
