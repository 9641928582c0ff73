# Width, case, script, punctuation and pinyin do not make a difference.
{ record a '国家队3比2获胜ABC，晚上8点的决赛'
    record b '國家隊３比２獲勝ａｂｃ 晚上８點的決賽'
    record c '国(guó)家(jiā)队3比2获(huò)胜abc晚上8点的决(jué)赛！'
    record d '国家队3比2获胜ABC晚上8点的决赛&nbsp;'
} | wirecopy find -q -f tsv | cut -f 1-5,11,12
