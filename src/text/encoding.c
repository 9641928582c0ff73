/*
 * encoding.c - the encodings that can be named or detected
 *
 * One table row per encoding, in the order of its number.  Where practice
 * mislabels text, the row is the superset that reads it all: GBK and GB2312
 * are GB18030, Big5 is Big5-HKSCS, Shift_JIS is CP932, EUC-KR is CP949,
 * ISO-8859-1 and -9 are windows-1252 and -1254, TIS-620 is windows-874 (they
 * differ only where the standards have control characters or nothing).
 *
 * iconv knows encodings under different names on different platforms, and some
 * lack the superset; so a row lists names in order of preference.
 */
#include "text/encoding.h"

#include <string.h>

#define TABLE(name, iconv, labels)                        \
    {                                                     \
        name, WCP_KIND_TABLE, WCP_LANG_ANY, iconv, labels \
    }

static const struct wcp_encoding_info encodings[] = {
    [WCP_ENC_AUTO] = { "auto", WCP_KIND_NONE, WCP_LANG_ANY, "", "auto" },
    [WCP_ENC_UTF8] = { "UTF-8", WCP_KIND_UTF8, WCP_LANG_ANY, "",
                       "utf8 utf8sig utf8bom unicode11utf8 cp65001 ascii "
                       "usascii "
                       "ansix341968 iso646us us cp367 ibm367" },
    /* Without a word on the order of bytes: a mark in the text decides. */
    [WCP_ENC_UTF16LE] = { "UTF-16LE", WCP_KIND_UTF16, WCP_LANG_ANY, "",
                          "utf16le utf16 ucs2 ucs2le unicode iso10646ucs2 "
                          "csunicode unicodelittle "
                          "cp1200" },
    [WCP_ENC_UTF16BE] = { "UTF-16BE", WCP_KIND_UTF16, WCP_LANG_ANY, "",
                          "utf16be ucs2be unicodebig unicodefffe cp1201" },
    [WCP_ENC_UTF32LE] = { "UTF-32LE", WCP_KIND_UTF32, WCP_LANG_ANY, "",
                          "utf32le utf32 ucs4 ucs4le iso10646ucs4 csucs4 "
                          "cp12000" },
    [WCP_ENC_UTF32BE] = { "UTF-32BE", WCP_KIND_UTF32, WCP_LANG_ANY, "",
                          "utf32be ucs4be cp12001" },
    [WCP_ENC_GB18030] = { "GB18030", WCP_KIND_TABLE, WCP_LANG_CHINESE,
                          "GB18030 GBK GB2312",
                          "gb18030 gb180302000 gb180302005 gb180302022 gbk "
                          "xgbk gb2312 gb231280 "
                          "xgb2312 csgb2312 csgb231280 cngb chinese euccn "
                          "xeuccn isoir58 cp936 "
                          "ms936 windows936 cp54936 cp1386" },
    [WCP_ENC_BIG5HKSCS] = { "Big5-HKSCS", WCP_KIND_TABLE, WCP_LANG_CHINESE,
                            "BIG5-HKSCS BIG5-HKSCS:2008 BIG5HKSCS CP950 BIG5",
                            "big5hkscs big5 bigfive big5eten big5tw cnbig5 "
                            "csbig5 xxbig5 xbig5 cp950 "
                            "ms950 windows950 cp951 cp1375" },
    [WCP_ENC_SHIFT_JIS] = { "Shift_JIS", WCP_KIND_TABLE, WCP_LANG_JAPANESE,
                            "CP932 SHIFT_JIS",
                            "shiftjis sjis xsjis csshiftjis mskanji cp932 "
                            "ms932 windows932 windows31j "
                            "cswindows31j cp943 sjiswin sjisopen" },
    [WCP_ENC_EUC_JP] = { "EUC-JP", WCP_KIND_TABLE, WCP_LANG_JAPANESE,
                         "EUC-JP-MS EUC-JP",
                         "eucjp xeucjp cseucpkdfmtjapanese ujis xujis eucjpms "
                         "eucjpwin eucjpopen "
                         "cp51932 cp20932" },
    [WCP_ENC_ISO2022JP] = { "ISO-2022-JP", WCP_KIND_SHIFT, WCP_LANG_JAPANESE,
                            "ISO-2022-JP-2 ISO-2022-JP",
                            "iso2022jp csiso2022jp iso2022jp1 iso2022jp2 "
                            "csiso2022jp2 jis cp50220 "
                            "cp50221 cp50222" },
    [WCP_ENC_CP949] = { "CP949", WCP_KIND_TABLE, WCP_LANG_KOREAN,
                        "UHC CP949 EUC-KR",
                        "cp949 ms949 mscp949 windows949 uhc euckr xeuckr "
                        "cseuckr korean isoir149 "
                        "ksc5601 ksc56011987 ksc56011989 csksc56011987 ksx1001 "
                        "cp51949" },
    [WCP_ENC_JOHAB] = { "Johab", WCP_KIND_TABLE, WCP_LANG_KOREAN,
                        "JOHAB CP1361", "johab xjohab cp1361 mscp1361 ms1361" },
    [WCP_ENC_ISO2022KR] = { "ISO-2022-KR", WCP_KIND_SHIFT, WCP_LANG_KOREAN,
                            "ISO-2022-KR", "iso2022kr csiso2022kr cp50225" },
    [WCP_ENC_EUC_TW] = { "EUC-TW", WCP_KIND_TABLE, WCP_LANG_CHINESE, "EUC-TW",
                         "euctw xeuctw cns11643" },
    [WCP_ENC_ISO2022CN] = { "ISO-2022-CN", WCP_KIND_SHIFT, WCP_LANG_CHINESE,
                            "ISO-2022-CN",
                            "iso2022cn csiso2022cn iso2022cnext cp50227" },
    [WCP_ENC_HZ] = { "HZ", WCP_KIND_HZ, WCP_LANG_CHINESE, "GB18030 GBK GB2312",
                     "hz hzgb2312 hzgb cp52936" },
    [WCP_ENC_UTF7] = { "UTF-7", WCP_KIND_SHIFT, WCP_LANG_ANY, "UTF-7",
                       "utf7 unicode11utf7 csunicode11utf7 cp65000" },
    [WCP_ENC_WINDOWS1252] = TABLE(
        "windows-1252", "CP1252",
        "windows1252 cp1252 xcp1252 msansi iso88591 iso885911987 latin1 l1 "
        "isoir100 csisolatin1 cp819 ibm819 88591 ansi"),
    [WCP_ENC_FIRST_OTHER] =
        TABLE("windows-1250", "CP1250", "windows1250 cp1250 xcp1250 msee"),
    TABLE("windows-1251", "CP1251", "windows1251 cp1251 xcp1251 mscyrl"),
    TABLE("windows-1253", "CP1253", "windows1253 cp1253 xcp1253 msgreek"),
    TABLE("windows-1254", "CP1254",
          "windows1254 cp1254 xcp1254 msturk iso88599 iso885991989 latin5 l5 "
          "isoir148 csisolatin5 88599"),
    TABLE("windows-1255", "CP1255", "windows1255 cp1255 xcp1255 mshebr"),
    TABLE("windows-1256", "CP1256", "windows1256 cp1256 xcp1256 msarab"),
    TABLE("windows-1257", "CP1257", "windows1257 cp1257 xcp1257 winbaltrim"),
    TABLE("windows-1258", "CP1258", "windows1258 cp1258 xcp1258"),
    TABLE("ISO-8859-2", "ISO-8859-2",
          "iso88592 iso885921987 latin2 l2 isoir101 csisolatin2 88592"),
    TABLE("ISO-8859-3", "ISO-8859-3",
          "iso88593 iso885931988 latin3 l3 isoir109 csisolatin3 88593"),
    TABLE("ISO-8859-4", "ISO-8859-4",
          "iso88594 iso885941988 latin4 l4 isoir110 csisolatin4 88594"),
    TABLE("ISO-8859-5", "ISO-8859-5",
          "iso88595 iso885951988 cyrillic isoir144 csisolatincyrillic 88595"),
    TABLE("ISO-8859-6", "ISO-8859-6",
          "iso88596 iso885961987 arabic isoir127 csisolatinarabic asmo708 "
          "ecma114 88596"),
    TABLE("ISO-8859-7", "ISO-8859-7",
          "iso88597 iso885971987 greek greek8 isoir126 csisolatingreek elot928 "
          "ecma118 suneugreek 88597"),
    TABLE("ISO-8859-8", "ISO-8859-8",
          "iso88598 iso885981988 iso88598i iso88598e hebrew isoir138 "
          "csisolatinhebrew logical visual 88598"),
    TABLE("ISO-8859-10", "ISO-8859-10",
          "iso885910 latin6 l6 isoir157 csisolatin6"),
    TABLE("ISO-8859-13", "ISO-8859-13", "iso885913 latin7 l7"),
    TABLE("ISO-8859-14", "ISO-8859-14", "iso885914 latin8 l8"),
    TABLE("ISO-8859-15", "ISO-8859-15", "iso885915 latin9 l9 csisolatin9"),
    TABLE("ISO-8859-16", "ISO-8859-16", "iso885916 latin10 l10"),
    TABLE("KOI8-R", "KOI8-R", "koi8r koi8 koi cskoi8r cp20866"),
    TABLE("KOI8-U", "KOI8-U", "koi8u koi8ru cp21866"),
    TABLE("IBM866", "CP866", "ibm866 cp866 866 csibm866"),
    TABLE("IBM855", "CP855 IBM855", "ibm855 cp855 855 csibm855"),
    TABLE("IBM852", "CP852 IBM852", "ibm852 cp852 852 cspcp852"),
    TABLE("IBM850", "CP850", "ibm850 cp850 850 cspc850multilingual"),
    TABLE("IBM862", "CP862", "ibm862 cp862 862 cspc862latinhebrew dos862"),
    TABLE("IBM437", "CP437 IBM437", "ibm437 cp437 437 cspc8codepage437"),
    TABLE("IBM865", "CP865 IBM865", "ibm865 cp865 865 csibm865"),
    TABLE("MacRoman", "MACINTOSH MACROMAN",
          "macintosh macroman mac xmacroman csmacintosh cp10000"),
    TABLE("MacCyrillic", "MAC-CYRILLIC MACCYRILLIC",
          "maccyrillic xmaccyrillic xmacukrainian macukrainian msmaccyrillic "
          "cp10007"),
    TABLE("MacCentralEurope", "MAC-CENTRALEUROPE MACCENTRALEUROPE",
          "maccentraleurope xmacce maccentraleuropean cp10029"),
    TABLE("windows-874", "WINDOWS-874 CP874 TIS-620",
          "windows874 cp874 ibm874 dos874 tis620 tis6200 tis62025330 iso885911 "
          "isoir166"),
    TABLE("VISCII", "VISCII", "viscii csviscii"),
    TABLE("TCVN", "TCVN TCVN-5712", "tcvn tcvn5712 tcvn57121"),
    TABLE("ARMSCII-8", "ARMSCII-8", "armscii8"),
    TABLE("Georgian-PS", "GEORGIAN-PS", "georgianps"),
    TABLE("PT154", "PT154 CP154", "pt154 ptcp154 cp154 csptcp154"),
};

enum { NUM_ENCODINGS = sizeof encodings / sizeof encodings[0], MAX_LABEL = 32 };

_Static_assert((int)NUM_ENCODINGS <= (int)WCP_NUM_ENCODINGS,
               "wcp_decoder has a slot for each encoding");

const struct wcp_encoding_info *
wcp_encoding_info(wcp_encoding enc)
{
    if (enc == WCP_ENC_AUTO || enc >= NUM_ENCODINGS)
        return NULL;
    return &encodings[enc];
}

/* The first word of *list, copied into 'word'; false when there is none. */
static bool
next_word(const char **list, char word[MAX_LABEL])
{
    const size_t len = strcspn(*list, " ");

    if (len == 0 || len >= MAX_LABEL)
        return false;
    memcpy(word, *list, len);
    word[len] = '\0';
    *list += len + ((*list)[len] == ' ');
    return true;
}

iconv_t
wcp_encoding_open(wcp_encoding enc)
{
    const struct wcp_encoding_info *info = wcp_encoding_info(enc);
    iconv_t converter = (iconv_t)-1;
    char name[MAX_LABEL];

    if (info == NULL)
        return converter;
    for (const char *list = info->iconv_names;
         converter == (iconv_t)-1 && next_word(&list, name);)
        converter = iconv_open("UTF-8", name);
    return converter;
}

static bool
is_supported(wcp_encoding enc)
{
    iconv_t converter;

    if (encodings[enc].iconv_names[0] == '\0')
        return true;
    converter = wcp_encoding_open(enc);
    if (converter == (iconv_t)-1)
        return false;
    iconv_close(converter);
    return true;
}

/* Letters and digits only, in lower case.  False when nothing is left or it
 * is longer than any label. */
static bool
normalise(const char *name, size_t len, char label[MAX_LABEL])
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        char c = name[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
            continue;
        if (n == MAX_LABEL - 1)
            return false;
        label[n++] = c;
    }
    label[n] = '\0';
    return n > 0;
}

wcp_encoding
wcp_encoding_by_name(const char *name, size_t len)
{
    char label[MAX_LABEL], word[MAX_LABEL];

    if (!normalise(name, len, label))
        return WCP_ENC_UNKNOWN;
    for (int enc = 0; enc < NUM_ENCODINGS; enc++)
        for (const char *list = encodings[enc].labels; next_word(&list, word);)
            if (strcmp(word, label) == 0)
                return is_supported((wcp_encoding)enc) ? (wcp_encoding)enc
                                                       : WCP_ENC_UNKNOWN;
    return WCP_ENC_UNKNOWN;
}

const char *
wcp_encoding_name(wcp_encoding enc)
{
    return enc < NUM_ENCODINGS ? encodings[enc].name : "unknown";
}

bool
wcp_encoding_keeps_lines(wcp_encoding enc)
{
    const struct wcp_encoding_info *info = wcp_encoding_info(enc);

    /* In HZ a line feed after a tilde is no line feed. */
    return info != NULL &&
           (info->kind == WCP_KIND_UTF8 || info->kind == WCP_KIND_TABLE);
}
