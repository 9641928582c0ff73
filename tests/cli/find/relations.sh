# What a copy is to its original, by what lies in what.
story='渡轮公司昨天宣布，从下月起往返鸥湾和青屿的小轮票价上调两成，单程由五元加到六元，月票由一百二十元加到一百四十元。居民组织说没有听过任何人的意见，打算在周末到码头请愿。'
more='公司发言人答复说，油价三年涨了四成，船龄最长的两艘船明年必须更换，不加价就只能减少班次；市政厅表示已经收到申请，将在月底以前公开讨论，届时欢迎市民旁听和发言，时间另行通知。'
other='昨夜的大风吹倒了植物园里一棵三百年的银杏，园方说树根在多年前修路时已被切断一半，倒下时没有压到人，木材将留给学校做课桌，种子已经送往山里的苗圃，明年春天可望出苗。'
{ record page "$story$other" '' 2019-01-01
    record whole "$story$more" '' 2019-01-02
    record part "$story" '' 2019-01-03
    record tree "$other" '' 2019-01-04
    record same "$story$more" '' 2019-01-05; } >in.jsonl
wirecopy find -q -f tsv in.jsonl | cut -f 1-3,5,11-
# The longer text later: then it is the copy, unless it is a page.
sed 's/2019-01-03/2018-12-31/' in.jsonl >later.jsonl
wirecopy find -q -f tsv later.jsonl | cut -f 1-3,5,11-
# Which of them count.
for list in all identical abridged,identical embedded; do
    echo "$list"
    wirecopy find -q -f tsv --relations $list in.jsonl | cut -f 3,5,11
done
wirecopy pairs -q -f tsv in.jsonl
# What lies in a text that is kept goes, but neither a page for a story on it
# nor the story for the page.
wirecopy dedup -q --removed removed in.jsonl | grep -o '"id":"[a-z]*"'
grep -o '"relation.*' removed
wirecopy find --relations abridged,foo in.jsonl
echo $?
wirecopy find --relations '' in.jsonl
echo $?
# SimHash looks at signatures only.
wirecopy find -q -f tsv --signature simhash in.jsonl | cut -f 3,5,11
