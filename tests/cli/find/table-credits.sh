# Credits have a column where there is much room, and where they say more than
# the source.
long=松砚县教育局社会教育和图书馆处网站
records() {
    record a "北屿社澜汀4月12日电 $bridge" '澜汀跨海大桥建成通车' 2019-04-12 北屿社
    record b "据新华社电 $bridge" '大桥通车' 2019-04-13 澜汀日报
    record c "$bridge" '五年架起跨海路' 2019-04-14 云崖晚报
    record d "$bridge（来源：$long）" '桥' 2019-04-15 霧港時報
}
records | wirecopy find -q -t 0.5 -f table | cut -c 1-200
for columns in 60 80 100; do
    records | COLUMNS=$columns wirecopy find -q -t 0.5 -f table
done
# No id is cut for them.
for columns in 110 130; do
    records | sed 's/"id":"/&2019-04-much-longer-than-/' |
        COLUMNS=$columns wirecopy find -q -t 0.5 -f table | tail -n 1
done
