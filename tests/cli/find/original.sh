# Who is the original among copies of one day.
# The most complete, if no agency published one itself.
{
    record a "$bridge" '' 2019-04-13 'Dunvale Post'
    record b "北屿社澜汀4月12日电 $bridge" '' 2019-04-13 澜汀日报
    record c "$bridge" '' 2019-04-14 霧港時報
} | wirecopy find -q -f csv | cut -d , -f 5,9-11,15
# The agency's own, shorter or not, told by its source.
{
    record a "中新社澜汀4月12日电 $bridge 请各报采用。" '' 2019-04-13 澜汀日报
    record b "$bridge" '' 2019-04-13 中新網
    record c "$bridge" '' 2019-04-13 新华网
} >one.jsonl
wirecopy find -q -f csv one.jsonl | cut -d , -f 5,9-11,15
# One that credits another agency is not that agency's own.
{
    record a "$bridge" '' 2019-04-13 中新社
    record b "中新社澜汀4月12日电 $bridge" '' 2019-04-13 新华社
} | wirecopy find -q -f csv | cut -d , -f 5,9-11,15
# By the path, where there is no source; with agencies of the user's own.
mkdir -p gazette corvane
record b "$ferry" '' 2019-03-05 >corvane/ferry.jsonl
record a "$ferry She is an old ship." '' 2019-03-05 >gazette/ferry.jsonl
wirecopy find -q -f csv corvane gazette | cut -d , -f 5,11
printf 'Corvane Press\tCorvane\n' >credits.tsv
wirecopy find -q -f csv --credits credits.tsv corvane gazette | cut -d , -f 5,11
# A time tells who was first; without dates it is the first id.
{
    record a "$bridge" '' 2019-04-13T10:00:00Z 新华社
    record b "$bridge 新华社澜汀电" '' 2019-04-13T09:00:00Z 'Dunvale Post'
} | wirecopy find -q -f csv | cut -d , -f 5,9-11
{
    record a "$bridge"
    record b "$bridge 请各报采用。" '' '' 新华社
} | wirecopy find -q -f csv | cut -d , -f 5,9-11
# Pairs stand in order of id all the same.
wirecopy pairs -q -f csv one.jsonl | cut -d , -f 1,2
# Any order of the records gives the same.
wirecopy find -q -f csv one.jsonl | cut -d , -f 1-6,8- >before
tac one.jsonl >other.jsonl
wirecopy find -q -f csv other.jsonl -j 2 | cut -d , -f 1-6,8- |
    sed 's/other/one/' | cmp - before
