# Forms filled with other figures are no copies, as in pairs; a story with a
# figure corrected and a sentence about that is one.
dividend() {
    echo "$1股份有限公司$2年度分红派息实施公告：本次分红以公司总股本$3股为基数，每10股派发现金红利$4元（含税），股权登记日为$5，除息日为$6，红利由公司委托登记机构划入股东的资金账户。咨询机构：公司证券部。"
}
dividend 恒屿船舶 2018 365000000 1.50 5月17日 5月20日 >a.txt
dividend 恒屿船舶 2017 312500000 0.80 5月11日 5月14日 >b.txt
wirecopy compare -q -f table -t .3 a.txt b.txt | sed -n 6,8p
wirecopy compare -q -t .3 a.txt b.txt | grep -o '"relation":"[a-z]*"'
wirecopy pairs -q -f jsonl -t .3 --relations all a.txt b.txt |
    grep -o '"relation":"[a-z]*"'
# Too few windows in common for a copy of any kind.
wirecopy compare -q -f table a.txt b.txt | sed -n 6p
echo "$bridge" >a.txt
echo "更正：本报4月12日所载大桥长度有误，应为6.9公里，特此更正。${bridge/6.8/6.9}" >b.txt
wirecopy compare -q -f table a.txt b.txt | sed -n 6p
