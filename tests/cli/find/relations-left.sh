# Of groups that lose copies the others stay whole and in order.
story='渡轮公司昨天宣布，从下月起往返鸥湾和青屿的小轮票价上调两成，单程由五元加到六元，月票由一百二十元加到一百四十元。居民组织说没有听过任何人的意见，打算在周末到码头请愿。'
other='昨夜的大风吹倒了植物园里一棵三百年的银杏，园方说树根在多年前修路时已被切断一半，倒下时没有压到人，木材将留给学校做课桌，种子已经送往山里的苗圃，明年春天可望出苗。'
{ record a1 "$story" '' 2019-01-01
    record a2 "$story" '' 2019-01-02
    record b1 "$other" '' 2019-01-03
    record b2 "$other" '' 2019-01-04
    record b3 "$other今天。" '' 2019-01-05
    record b4 "$other" '' 2019-01-06
    record b5 "$other明天。" '' 2019-01-07; } >in.jsonl
for list in identical,reprint identical reprint; do
    echo "$list"
    wirecopy find -q -f tsv --relations $list in.jsonl | cut -f 1-5,11-14
done
