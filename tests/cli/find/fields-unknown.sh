# Which fields there are instead, as many as there is room for.
echo '{}' | wirecopy find
echo '{"content": null}' | wirecopy find --text-field content
echo '{"body":"a","中文":"b"}' | wirecopy find
python3 -c 'print({"field%d" % i: i for i in range(99)})' | tr "'" '"' |
    wirecopy find
echo "status $?"
