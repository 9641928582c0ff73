# Invented stories and how the cases write records.
bridge='连接澜汀市区与青屿岛的跨海大桥12日上午正式通车。大桥全长6.8公里，双向六车道，原来乘渡轮要一个多小时的路程，今后开车只要十八分钟。六十七岁的老船长开了四十年渡轮，这一天他坐在孙子的货车里第一个过桥。'
bridge_hant='連接瀾汀市區與青嶼島的跨海大橋12日上午正式通車。大橋全長6.8公里，雙向六車道，原來乘渡輪要一個多小時的路程，今後開車只要十八分鐘。六十七歲的老船長開了四十年渡輪，這一天他坐在孫子的貨車裡第一個過橋。'
bridge_typo=${bridge/货车/贷车}
library='松砚县城南的鹤鸣书院经过两年修缮，8日重新向读者开放。书院始建于三百多年前，藏书两万余册，其中地方志和手抄药方最为珍贵。木匠们拆下了后楼全部梁柱，逐根编号，换掉其中被白蚁蛀空的十九根。'
ferry='All 214 passengers were taken off the ferry Lady Ansgar on Tuesday after a fire broke out in her engine room. The captain turned the ship into the wind and ordered everyone on to the open deck.'
ferry_cut=${ferry% on to the open deck.}

# record ID TEXT [TITLE [DATE [SOURCE]]]: a line of JSON; '' leaves out.
record() {
    local names=(id text title date source) parts= i=0 value
    for value; do
        value=${value//\\/\\\\}
        value=${value//\"/\\\"}
        value=${value//$'\n'/\\n}
        value=${value//$'\t'/\\t}
        [ -z "$value" ] || parts+=",\"${names[i]}\":\"$value\""
        i=$((i + 1))
    done
    printf '{%s}\n' "${parts#,}"
}

# Three stories, one of which stands in three papers.
stories() {
    record a1 "$bridge" '澜汀跨海大桥建成通车' 2019-04-12 澜汀日报
    record b1 "$library" '旧书院重新开放' 2019-04-13 松砚周刊
    record a2 "$bridge_hant" '瀾汀跨海大橋通車' 2019-04-13 霧港時報
    record c1 "$ferry" 'Crew praised after fire' 2019-03-03 'Selwick Courier'
    record a3 "$bridge_typo" '五年架起跨海路 青屿不再靠渡轮' 2019-04-14 云崖晚报
    record c2 "$ferry_cut" 'Fire on ferry' 2019-03-04 'Dunvale Post'
}

# For awk: n words of six letters, as srand() has them.
words='function words(n, text) {
    while (n-- > 0)
        text = text " " sprintf("%c%c%c%c%c%c", letter(), letter(), letter(),
                                letter(), letter(), letter())
    return text
}
function letter() { return 97 + int(26 * rand()) }
'
