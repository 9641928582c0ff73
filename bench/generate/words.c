/*
 * words.c - a vocabulary made by rule, and sentences of it
 *
 * Chinese words are one to three of the 3,755 characters of the first level of
 * GB 2312, which are the frequent ones of mainland texts; English ones are
 * syllables.  The frequency of a word is like 1 / rank (Zipf), drawn as an
 * octave of ranks and a rank in it, from one random number; ranks and lengths
 * are whole numbers, so that a seed gives the same text everywhere.
 */
#include "generate.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>

/* Simplified and traditional forms that stand for each other in any word;
 * all of the first level of GB 2312. */
static const char character_pairs[] =
    "爱愛罢罷备備贝貝笔筆币幣毕畢边邊变變标標宾賓补補财財参參仓倉层層产產长長尝"
    "嘗车車彻徹尘塵"
    "衬襯称稱惩懲迟遲齿齒虫蟲处處传傳创創纯純词詞从從达達带帶单單担擔导導岛島灯"
    "燈敌敵点點电電"
    "东東动動独獨读讀断斷对對队隊夺奪恶惡儿兒贰貳罚罰烦煩范範饭飯飞飛费費纷紛坟"
    "墳风風凤鳳肤膚"
    "妇婦该該盖蓋赶趕冈岡钢鋼阁閣个個给給贡貢沟溝构構购購顾顧刮颳关關观觀馆館惯"
    "慣广廣归歸龟龜"
    "贵貴国國过過汉漢号號贺賀红紅护護华華画畫话話坏壞欢歡环環还還换換黄黃会會绘"
    "繪获獲击擊鸡雞"
    "积積极極级級纪紀际際继繼坚堅艰艱监監检檢见見间間荐薦践踐键鍵将將奖獎桨槳讲"
    "講骄驕阶階节節"
    "结結届屆紧緊锦錦进進经經惊驚净淨竞競旧舊剧劇惧懼据據绝絕觉覺军軍开開课課垦"
    "墾库庫裤褲块塊"
    "宽寬矿礦来來蓝藍览覽烂爛劳勞乐樂类類离離礼禮丽麗历曆联聯连連脸臉练練粮糧两"
    "兩疗療邻鄰灵靈"
    "岭嶺领領龙龍楼樓卢盧陆陸录錄虑慮乱亂论論轮輪罗羅马馬买買卖賣满滿门門们們梦"
    "夢灭滅鸣鳴难難"
    "脑腦闹鬧鸟鳥农農欧歐盘盤评評凭憑齐齊骑騎启啟气氣迁遷钱錢墙牆桥橋窃竊亲親轻"
    "輕庆慶穷窮区區"
    "权權劝勸确確让讓扰擾热熱认認荣榮伤傷赏賞烧燒设設摄攝审審声聲胜勝师師时時识"
    "識实實势勢适適"
    "书書术術树樹双雙说說丝絲饲飼苏蘇虽雖随隨岁歲孙孫损損态態坛壇谈談题題条條铁"
    "鐵听聽统統图圖"
    "团團湾灣万萬网網为為伟偉卫衛温溫问問无無务務雾霧习習系係戏戲虾蝦贤賢险險现"
    "現线線乡鄉项項"
    "写寫兴興选選学學寻尋训訓压壓亚亞烟煙严嚴盐鹽阳陽养養样樣药藥业業叶葉医醫义"
    "義艺藝议議阴陰"
    "银銀隐隱应應营營拥擁优優邮郵鱼魚渔漁与與语語员員园園远遠愿願约約阅閱云雲运"
    "運杂雜灾災载載"
    "责責则則赠贈战戰张張阵陣镇鎮征徵证證织織职職执執质質钟鐘种種众眾猪豬专專转"
    "轉庄莊装裝状狀"
    "资資总總组組";

static uint32_t
code_at(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    return (uint32_t)(s[0] & 15) << 12 | (uint32_t)(s[1] & 63) << 6 |
           (s[2] & 63);
}

/* Of the pairs of simplified and traditional characters, the i-th; false: no
 * more. */
static bool
character_pair(size_t i, uint32_t *simplified_ret, uint32_t *traditional_ret)
{
    if (i >= (sizeof character_pairs - 1) / 6)
        return false;
    *simplified_ret = code_at(character_pairs + 6 * i);
    *traditional_ret = code_at(character_pairs + 6 * i + 3);
    return true;
}

/* ---- vocabulary ---- */

static size_t
put_han(char *out, unsigned code)
{
    out[0] = (char)(0xE0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3F));
    out[2] = (char)(0x80 | (code & 0x3F));
    return 3;
}

/* A rank below 2^octaves, with a probability like 1 / (rank + 1). */
static uint64_t
draw_rank(struct bench_random *random, unsigned octaves)
{
    const uint64_t bits = bench_random(random);
    const unsigned octave = (unsigned)((bits >> 32) * octaves >> 32);

    return ((uint64_t)1 << octave) - 1 + (bits & (((uint64_t)1 << octave) - 1));
}

/* Rows 16 to 55 of GB 2312, which are full but for five places at the end, in
 * an order of their own for each seed. */
static void
list_han(struct gen_words *words, struct bench_random *random)
{
    iconv_t converter = iconv_open("UTF-8", "GB2312");

    if (converter == (iconv_t)-1)
        gen_die("iconv knows no GB2312");
    for (unsigned i = 0; i < 40 * 94 - 5; i++) {
        char in[2] = { (char)(0xB0 + i / 94), (char)(0xA1 + i % 94) };
        char out[4], *from = in, *to = out;
        size_t in_left = 2, out_left = 4, other;

        if (iconv(converter, &from, &in_left, &to, &out_left) != 0 ||
            out_left != 1)
            gen_die("iconv maps GB2312 in a way of its own");
        other = bench_below(random, i + 1);
        words->han[i] = words->han[other];
        words->han[other] = (uint16_t)code_at(out);
    }
    words->num_han = 40 * 94 - 5;
    iconv_close(converter);
}

static size_t
add_han(const struct gen_words *words, struct bench_random *random, char *out)
{
    uint64_t rank;

    do
        rank = draw_rank(random, 12);
    while (rank >= words->num_han);
    return put_han(out, words->han[rank]);
}

static size_t
make_chinese(const struct gen_words *words, struct bench_random *random,
             size_t rank, char *out)
{
    size_t chars = rank < 200 ? 1 : 2 + (bench_below(random, 6) == 0), len = 0;

    if (rank % 97 == 96) { /* a number, or letters */
        const char base = bench_below(random, 3) > 0 ? '0' : 'A';

        for (chars = 1 + bench_below(random, 4); len < chars; len++)
            out[len] = (char)(base + (int)bench_below(random, 10));
        return len;
    }
    if (rank < 200) /* so that they are different ones */
        return put_han(out, words->han[rank]);
    while (chars-- > 0)
        len += add_han(words, random, out + len);
    return len;
}

static size_t
make_english(struct bench_random *random, size_t rank, char *out)
{
    static const char onsets[] = "tnsrhldcmfpgwybvkjxqz";
    static const char vowels[] = "eaoiu";
    size_t syllables = 1, len = 0;

    if (rank % 97 == 96) {
        for (size_t n = 1 + bench_below(random, 4); len < n; len++)
            out[len] = (char)('0' + (int)bench_below(random, 10));
        return len;
    }
    for (size_t limit = 40; rank >= limit; limit *= 16)
        syllables++;
    syllables += bench_below(random, 3) == 0;
    while (syllables-- > 0) {
        out[len++] = onsets[draw_rank(random, 4)];
        out[len++] = vowels[bench_below(random, 5)];
        if (bench_below(random, 2) == 0)
            out[len++] = onsets[draw_rank(random, 4)];
    }
    return len;
}

struct gen_words *
gen_words_new(uint64_t seed)
{
    struct gen_words *words = bench_alloc(1, sizeof *words);
    struct bench_random random = gen_stream(seed, GEN_WORDS, 0);
    uint32_t simplified, traditional;

    list_han(words, &random);
    for (size_t rank = 0; rank < GEN_NUM_WORDS; rank++) {
        char *zh = words->text[GEN_ZH][rank], *en = words->text[GEN_EN][rank];

        zh[GEN_WORD - 1] = (char)make_chinese(words, &random, rank, zh);
        en[GEN_WORD - 1] = (char)make_english(&random, rank, en);
    }
    for (size_t i = 0; character_pair(i, &simplified, &traditional); i++)
        words->traditional[simplified - 0x4E00] = (uint16_t)traditional;
    return words;
}

/* ---- bytes ---- */

char *
gen_room(struct bench_bytes *bytes, size_t len)
{
    if (bytes->cap - bytes->len < len + 4 * GEN_WORD) {
        bytes->cap = 2 * bytes->cap + len + 4096;
        bytes->data = realloc(bytes->data, bytes->cap);
        if (bytes->data == NULL)
            gen_die("out of memory");
    }
    return bytes->data + bytes->len;
}

void
gen_string(struct bench_bytes *bytes, const char *text)
{
    const size_t len = strlen(text);

    memcpy(gen_room(bytes, len), text, len);
    bytes->len += len;
}

/* ---- sentences ---- */

/* The word that a random number draws. */
static inline const char *
draw_word(const struct gen_words *words, enum gen_lang lang, uint64_t bits)
{
    const unsigned octave =
        GEN_FIRST + (unsigned)((bits >> 32) * GEN_OCTAVES >> 32);
    const size_t rank =
        ((size_t)1 << octave) - 1 + (bits & (((size_t)1 << octave) - 1));

    return words->text[lang][rank];
}

static inline char *
put_word(char *out, const char *word)
{
    memcpy(out, word, GEN_WORD);
    return out + (unsigned char)word[GEN_WORD - 1];
}

void
gen_word(const struct gen_words *words, enum gen_lang lang, bool capital,
         struct bench_random *random, struct bench_bytes *out)
{
    char *begin = gen_room(out, GEN_WORD);

    out->len +=
        (size_t)(put_word(begin, draw_word(words, lang, bench_random(random))) -
                 begin);
    if (capital && *begin >= 'a' && *begin <= 'z')
        *begin = (char)(*begin - 'a' + 'A');
}

enum { LONGEST_SENTENCE = 32 }; /* words */

/* What stands between two words, and in one of eight places. */
struct gap {
    char text[4];
    unsigned len;
};

/* bench_random(), where it matters that it is no call. */
static inline uint64_t
next_bits(struct bench_random *random)
{
    uint64_t z = random->state += 0x9E3779B97F4A7C15;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

static inline void
fetch(const char *word)
{
#if defined(__GNUC__)
    __builtin_prefetch(word);
#else
    (void)word;
#endif
}

void
gen_sentence(const struct gen_words *words, enum gen_lang lang,
             struct bench_random *random, struct bench_bytes *out)
{
    static const struct gap gaps[2][2] = { { { "", 0 }, { "，", 3 } },
                                           { { " ", 1 }, { ", ", 2 } } };
    static const struct gap stops[2] = { { "。", 3 }, { ". ", 2 } };
    const struct gap *gap = &gaps[lang][0];
    const uint64_t num = 6 + bench_below(random, LONGEST_SENTENCE - 8);
    char *const begin = gen_room(out, (LONGEST_SENTENCE + 1) * (GEN_WORD + 4));
    char *end = begin;
    struct bench_random state = *random;
    const char *drawn[LONGEST_SENTENCE];
    uint8_t comma[LONGEST_SENTENCE];

    /* First the places only: the words are fetched while this goes on. */
    for (uint64_t i = 0; i < num; i++) {
        const uint64_t bits = next_bits(&state);

        drawn[i] = draw_word(words, lang, bits);
        comma[i] = (bits >> 16 & 7) == 0;
        fetch(drawn[i]);
    }
    for (uint64_t i = 0; i < num; i++) {
        end = put_word(end, drawn[i]);
        /* No branch: nobody could foresee where it goes. */
        gap = &gaps[lang][comma[i]];
        memcpy(end, gap->text, sizeof gap->text);
        end += gap->len;
    }
    *random = state;
    end -= gap->len;
    memcpy(end, stops[lang].text, sizeof stops[lang].text);
    end += stops[lang].len;
    if (*begin >= 'a' && *begin <= 'z')
        *begin = (char)(*begin - 'a' + 'A');
    out->len += (size_t)(end - begin);
}

void
gen_headline(const struct gen_words *words, enum gen_lang lang,
             struct bench_random *random, struct bench_bytes *out)
{
    const uint64_t num = 4 + bench_below(random, 6);

    for (uint64_t i = 0; i < num; i++) {
        if (i > 0 && (lang == GEN_EN || i == num / 2))
            gen_string(out, " ");
        gen_word(words, lang, i == 0, random, out);
    }
}

/* ---- papers and agencies ---- */

/* A name is that of a place and a kind of paper; the first are agencies. */
void
gen_source(const struct gen_words *words, enum gen_lang lang, unsigned source,
           struct bench_bytes *out)
{
    static const char *const kinds[2][5] = {
        { "社", "日报", "晚报", "新闻", "周刊" },
        { " Press", " Post", " Gazette", " Courier", " Herald" },
    };
    const unsigned kind = source < GEN_AGENCIES ? 0 : 1 + source % 4;
    const size_t next = 300 + 41 * (size_t)source;
    const size_t rank = next + (next % 97 == 96); /* no number */
    const char *word = words->text[lang][rank];
    const size_t begin = out->len;

    memcpy(gen_room(out, GEN_WORD), word, GEN_WORD);
    out->len += (unsigned char)word[GEN_WORD - 1];
    if (lang == GEN_EN)
        out->data[begin] = (char)(out->data[begin] - 'a' + 'A');
    gen_string(out, kinds[lang][kind]);
}

void
gen_notice(const struct gen_words *words, enum gen_lang lang, unsigned source,
           enum gen_notice notice, struct bench_bytes *out)
{
    struct bench_random random = { ~(uint64_t)(source * GEN_NUM_NOTICES +
                                               (unsigned)notice) };
    unsigned sentences = 1;

    if (notice == GEN_ADVERT) /* one of many */
        sentences = 2 + source % 3;
    else
        gen_string(out, lang == GEN_ZH ? "版权所有，" : "Copyright: ");
    while (sentences-- > 0)
        gen_sentence(words, lang, &random, out);
}
