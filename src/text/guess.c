/*
 * guess.c - which encoding reads like text?
 *
 * That bytes are legal in an encoding says little: nearly all Big5, EUC-KR and
 * EUC-JP text is legal GB18030.  What tells them apart is how often frequent
 * characters come up.  A few hundred characters make up well over half of any
 * Chinese or Korean news text, and hiragana about half of a Japanese one; read
 * in a wrong encoding the same bytes hit them by chance only, in one of
 * ten to thirty characters.  So a candidate is decoded, its letters are
 * counted, and the share of frequent ones is compared with what real text has.
 *
 * The same count finds out the byte order of UTF-16 without a mark.  The place
 * of zero bytes alone would not do: in Chinese text U+4E00 and U+3000, whose
 * zero is on the other side, are as frequent as line feeds and digits.
 */
#include "text/encoding.h"

#include <string.h>

#ifdef WCP_HAVE_UCHARDET
#include <uchardet/uchardet.h>
#endif

/* Frequent characters of Chinese news in both scripts and of Japanese ones,
 * and frequent Hangul syllables, in ascending order. */
static const uint16_t frequent_han[] =
    u"一七万三上下不与且世业两並个中为主么之九也书了事二于五些产京人亿什今"
    u"介从他代以们件价任份企会但位体作你使來係保信個們像價億元先党入全兩八"
    u"公六关其内円军农出分划利到制前力加务动動務化北区医區十千华去县又及发"
    u"只可号司合同名后向员和品員問單四回因国國在地场報場增外多大天头奥她好"
    u"如始委子学學它安定实実家察實对导対将將專對導小就展工己已市席常平年并"
    u"应店度建开張当很律後得從心思性总悉情想意應成我或战戰所手技把投护报据"
    u"推提據收改政教數文料斯新方无日时明昨是時更書最會月有服期本术机村来東"
    u"果校样根格案條検業樣機檔權次正此比民気氣水決沒没治法活济海済濟点為無"
    u"然物特现現球理生產用田由电画畫當疗病療発發百的目相省看着瞭知研示社种"
    u"科称種稱究立第等管索経給統經網線縣總线绍经给统网美義老者而聞股育能自"
    u"與華萬處號融行術表被裡西要見規視见规视解言計訊記設許話認語說論警議護"
    u"變计认议讯记设话说買資资赛起超路身車軍農达过运近还这进這通進運過道還"
    u"那部都醫里重量金銀鐘钟银長长門開間関關门问间闻队院隊電面革項領頭題项"
    u"领题食馬體高麼點黨";
static const uint16_t frequent_hangul[] =
    u"가간같개거건것게결경계고공과관교구국권그글기까나남내년는니다단당대도"
    u"동된될두드들따때라람러려력로른를리마만많말면명모무문물미민발방보부분"
    u"비사산살상생서선설성세소수스습시식신실심아안야어업없었에여연영오와외"
    u"요용우운원월위유으은을음의이인일입있자장재저적전정제조주중지진차처체"
    u"치터통트표하학한할합해했행현형화회후";

enum {
    MIN_LETTERS = 4,  /* fewer are no reason to doubt a declaration */
    MIN_FREQUENT = 3, /* fewer come up by chance */
    MIN_PUNCTUATION = 2,
    BYTES_PER_BAD = 2000, /* one illegal place per 1,000 characters of two */
};
/*
 * In the 425 files of the encodings' test data, real text has a likeness
 * above .8, but for one Shift_JIS page of formulas with .43; in a wrong
 * encoding it stays below .3.  Johab is apart: it takes nearly all pairs of an
 * accented and an ASCII letter for syllables, and Hungarian reaches .53.
 */
static const double min_likeness = 0.4, min_johab_likeness = 0.7;

/* ---- weighing ---- */

/* Without a branch in the loop: three times as fast as one that guesses. */
static bool
is_in(const uint16_t *sorted, size_t num, uint32_t c)
{
    while (num > 1) {
        const size_t half = num / 2;

        sorted += sorted[half - 1] < c ? half : 0;
        num -= half;
    }
    return *sorted == c;
}

static bool
is_frequent_han(uint32_t c)
{
    /* The literals end in a zero, which is no entry. */
    return is_in(frequent_han, sizeof frequent_han / sizeof frequent_han[0] - 1,
                 c);
}

static bool
is_frequent_hangul(uint32_t c)
{
    return is_in(frequent_hangul,
                 sizeof frequent_hangul / sizeof frequent_hangul[0] - 1, c);
}

static bool
is_punctuation(uint32_t c)
{
    return (c >= 0x00A0 && c <= 0x00BF) || (c >= 0x2000 && c <= 0x26FF) ||
           (c >= 0x3000 && c <= 0x303F) || (c >= 0xFE30 && c <= 0xFE4F) ||
           (c >= 0xFF01 && c <= 0xFF5E);
}

static void
weigh_wide_char(struct wcp_weight *weight, uint32_t c)
{
    weight->letters++;
    if (c < 0xA0 || (c >= 0xE000 && c <= 0xF8FF) || c >= 0xF0000 ||
        (c & 0xFFFE) == 0xFFFE || c == 0xFFFD) {
        weight->odd++;
    } else if (c >= 0x3041 && c <= 0x30FF) {
        weight->kana++;
    } else if (c >= 0x4E00 && c <= 0x9FFF) {
        weight->han_frequent += is_frequent_han(c);
    } else if (c >= 0xAC00 && c <= 0xD7A3) {
        weight->hangul_frequent += is_frequent_hangul(c);
    }
}

static void
weigh_char(struct wcp_weight *weight, uint32_t c)
{
    if ((c >= 0x20 && c < 0x7F) || (c >= 0x09 && c <= 0x0D && c != 0x0B)) {
        weight->ascii++;
    } else if (c == 0) {
        weight->nul++;
    } else if (c < 0x20) {
        weight->letters++;
        weight->odd++;
    } else if (is_punctuation(c)) {
        weight->punctuation++;
    } else {
        weigh_wide_char(weight, c);
    }
}

void
wcp_weigh(const uint8_t *utf8, size_t len, struct wcp_weight *weight)
{
    *weight = (struct wcp_weight){ 0 };
    for (size_t i = 0; i < len;) {
        const uint8_t b = utf8[i];
        const size_t n = b < 0x80 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
        uint32_t c = n == 1 ? b : b & (0x7Fu >> n);

        for (size_t k = 1; k < n && i + k < len; k++)
            c = c << 6 | (utf8[i + k] & 0x3F);
        weigh_char(weight, c);
        i += n;
    }
}

double
wcp_likeness(const struct wcp_weight *weight, enum wcp_enc_language language)
{
    /* The share that frequent characters have in ordinary text. */
    static const double usual[] = {
        [WCP_LANG_ANY] = 1,
        [WCP_LANG_CHINESE] = 0.55,
        [WCP_LANG_JAPANESE] = 0.55,
        [WCP_LANG_KOREAN] = 0.65,
    };
    size_t frequent = 0;

    if (language == WCP_LANG_CHINESE)
        frequent = weight->han_frequent;
    else if (language == WCP_LANG_JAPANESE)
        frequent = weight->kana + weight->han_frequent / 2;
    else if (language == WCP_LANG_KOREAN)
        frequent = weight->hangul_frequent;
    if (frequent < MIN_FREQUENT)
        return 0;
    /* What is illegal or odd tells more than a rare character. */
    return (double)frequent / (double)(weight->letters + 10 * weight->odd) /
           usual[language];
}

/* ---- UTF-16 and UTF-32 ---- */

/* False where the units are not legal. */
static bool
weigh_units(const uint8_t *bytes, size_t len, wcp_encoding enc,
            struct wcp_weight *weight)
{
    const bool big = wcp_is_big_endian(enc);
    const size_t size = wcp_unit_width(enc);
    bool low_due = false;

    *weight = (struct wcp_weight){ 0 };
    for (size_t i = 0; i + size <= len; i += size) {
        const uint32_t c = wcp_unit_at(bytes + i, size, big);

        if (size == 2 && low_due != (c >= 0xDC00 && c <= 0xDFFF))
            return false;
        low_due = size == 2 && c >= 0xD800 && c <= 0xDBFF;
        if (size == 4 && (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)))
            return false;
        if (c < 0xD800 || c > 0xDFFF)
            weigh_char(weight, c);
    }
    return !low_due;
}

/* How many units are ASCII or frequent, 0 when it cannot be text. */
static size_t
count_usual_units(const uint8_t *bytes, size_t len, wcp_encoding enc)
{
    struct wcp_weight w;

    if (!weigh_units(bytes, len, enc, &w) || w.odd * 100 > w.ascii + w.letters)
        return 0;
    return w.ascii + w.han_frequent + w.kana + w.hangul_frequent;
}

/* That the top byte is zero everywhere says enough. */
static bool
is_utf32(const uint8_t *bytes, size_t len, wcp_encoding enc)
{
    struct wcp_weight w;

    return weigh_units(bytes, len, enc, &w) &&
           (w.odd + w.nul) * 100 <= w.ascii + w.letters;
}

wcp_encoding
wcp_guess_wide(const uint8_t *bytes, size_t len)
{
    const bool zeros = len > 0 && memchr(bytes, 0, len) != NULL;
    /* Without zero bytes, which are strong evidence, more is asked for. */
    const size_t min_usual = zeros ? 1 + len / 40 : 4 + len / 10;
    size_t little, big;

    if (len == 0 || len % 2 != 0)
        return WCP_ENC_UNKNOWN;
    if (zeros && len % 4 == 0) {
        if (is_utf32(bytes, len, WCP_ENC_UTF32LE))
            return WCP_ENC_UTF32LE;
        if (is_utf32(bytes, len, WCP_ENC_UTF32BE))
            return WCP_ENC_UTF32BE;
    }
    little = count_usual_units(bytes, len, WCP_ENC_UTF16LE);
    big = count_usual_units(bytes, len, WCP_ENC_UTF16BE);
    if (little < min_usual && big < min_usual)
        return WCP_ENC_UNKNOWN;
    return little >= big ? WCP_ENC_UTF16LE : WCP_ENC_UTF16BE;
}

/* ---- East Asian multi-byte encodings ---- */

/* The likeness of the text's first part in enc; -1 when it does not fit. */
static double
try_encoding(struct wcp_decoder *decoder, wcp_encoding enc,
             const uint8_t *bytes, size_t len, uint64_t max_bad,
             struct wcp_weight *weight)
{
    uint64_t num_bad;

    *weight = (struct wcp_weight){ 0 };
    if (!wcp_decode_sample(decoder, enc, bytes, len, max_bad, &num_bad))
        return -1;
    wcp_weigh(decoder->sample.data, decoder->sample.len, weight);
    return wcp_likeness(weight, wcp_encoding_info(enc)->language);
}

/* How many illegal places a text may have whose encoding is guessed. */
static uint64_t
tolerated_bad(size_t len)
{
    return 1 + len / BYTES_PER_BAD;
}

wcp_encoding
wcp_guess_east_asian(struct wcp_decoder *decoder, const uint8_t *bytes,
                     size_t len)
{
    static const wcp_encoding candidates[] = {
        WCP_ENC_GB18030, WCP_ENC_BIG5HKSCS, WCP_ENC_EUC_JP, WCP_ENC_SHIFT_JIS,
        WCP_ENC_CP949,   WCP_ENC_EUC_TW,    WCP_ENC_JOHAB,
    };
    wcp_encoding best = WCP_ENC_UNKNOWN;
    const uint64_t max_bad =
        tolerated_bad(len < WCP_SAMPLE_LEN ? len : WCP_SAMPLE_LEN);
    double best_likeness = min_likeness;

    for (size_t i = 0; i < sizeof candidates; i++) {
        const wcp_encoding enc = candidates[i];
        struct wcp_weight weight;
        const double likeness =
            try_encoding(decoder, enc, bytes, len, max_bad, &weight);

        if (enc == WCP_ENC_JOHAB && likeness < min_johab_likeness)
            continue;
        if (likeness > best_likeness) {
            best = enc;
            best_likeness = likeness;
        }
        /* Text in English with an indent or quotation marks of two bytes. */
        if (likeness >= 0 && weight.letters == 0 &&
            weight.punctuation >= MIN_PUNCTUATION)
            return enc;
    }
    return best;
}

bool
wcp_guess_agrees(struct wcp_decoder *decoder, wcp_encoding enc,
                 const uint8_t *bytes, size_t len, uint64_t max_bad)
{
    const struct wcp_encoding_info *info = wcp_encoding_info(enc);
    struct wcp_weight weight;
    wcp_encoding best;
    uint64_t num_bad;
    double likeness;

    if (info == NULL)
        return false;
    /* Most pairs of bytes are legal UTF-16. */
    if (info->kind == WCP_KIND_UTF16 || info->kind == WCP_KIND_UTF32)
        return wcp_guess_wide(bytes, len) == enc;
    if (info->kind != WCP_KIND_TABLE)
        return wcp_decode_fits(decoder, enc, bytes, len, max_bad, &num_bad);
    likeness = try_encoding(decoder, enc, bytes, len, max_bad, &weight);
    if (likeness < 0 ||
        (len > WCP_SAMPLE_LEN &&
         !wcp_decode_fits(decoder, enc, bytes, len, max_bad, &num_bad)))
        return false;
    if (info->language != WCP_LANG_ANY &&
        (likeness >= min_likeness || weight.letters < MIN_LETTERS))
        return true;
    /* Nearly all bytes fit an 8-bit encoding. */
    best = wcp_guess_east_asian(decoder, bytes, len);
    return best == WCP_ENC_UNKNOWN || best == enc;
}

/* ---- uchardet ---- */

/* Fits, and no controls beyond ASCII come out: those are a sign of the
 * Windows code page that resembles the ISO encoding. */
static bool
reads_well(struct wcp_decoder *decoder, wcp_encoding enc, const uint8_t *bytes,
           size_t len)
{
    const uint64_t max_bad = tolerated_bad(len);
    struct wcp_weight weight;
    uint64_t num_bad;

    return wcp_encoding_info(enc) != NULL &&
           wcp_decode_fits(decoder, enc, bytes, len, max_bad, &num_bad) &&
           try_encoding(decoder, enc, bytes, len, max_bad, &weight) >= 0 &&
           weight.odd <= num_bad;
}

/* The Windows code page for the script of an ISO 8859 encoding. */
static wcp_encoding
windows_sibling(wcp_encoding enc)
{
    static const char *const siblings[][2] = {
        { "ISO-8859-2", "windows-1250" },  { "ISO-8859-4", "windows-1257" },
        { "ISO-8859-5", "windows-1251" },  { "ISO-8859-6", "windows-1256" },
        { "ISO-8859-7", "windows-1253" },  { "ISO-8859-8", "windows-1255" },
        { "ISO-8859-13", "windows-1257" }, { "ISO-8859-15", "windows-1252" },
        { "ISO-8859-16", "windows-1250" },
    };
    const char *name = wcp_encoding_name(enc);

    for (size_t i = 0; i < sizeof siblings / sizeof siblings[0]; i++)
        if (strcmp(siblings[i][0], name) == 0)
            return wcp_encoding_by_name(siblings[i][1], strlen(siblings[i][1]));
    return WCP_ENC_UNKNOWN;
}

#ifdef WCP_HAVE_UCHARDET
static wcp_encoding
ask_uchardet(const uint8_t *bytes, size_t len)
{
    uchardet_t detector = uchardet_new();
    wcp_encoding enc = WCP_ENC_UNKNOWN;

    if (detector == NULL)
        return enc;
    if (uchardet_handle_data(detector, (const char *)bytes, len) == 0) {
        const char *name;

        uchardet_data_end(detector);
        name = uchardet_get_charset(detector);
        enc = wcp_encoding_by_name(name, strlen(name));
    }
    uchardet_delete(detector);
    return enc;
}
#else
static wcp_encoding
ask_uchardet(const uint8_t *bytes, size_t len)
{
    (void)bytes;
    (void)len;
    return WCP_ENC_UNKNOWN;
}
#endif

wcp_encoding
wcp_guess_by_uchardet(struct wcp_decoder *decoder, const uint8_t *bytes,
                      size_t len)
{
    const wcp_encoding enc =
        ask_uchardet(bytes, len < WCP_SAMPLE_LEN ? len : WCP_SAMPLE_LEN);
    const wcp_encoding sibling = windows_sibling(enc);

    if (reads_well(decoder, enc, bytes, len))
        return enc;
    return reads_well(decoder, sibling, bytes, len) ? sibling : WCP_ENC_UNKNOWN;
}
