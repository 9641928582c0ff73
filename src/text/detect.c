/*
 * detect.c - the encoding of a file's bytes
 *
 * Evidence is asked in the order of its strength.  A byte-order mark, the
 * pattern of zero bytes, strict UTF-8 and the escape sequences of ISO-2022
 * hardly ever mislead.  UTF-8 with a few illegal bytes is still UTF-8: text in
 * other encodings has a legal multi-byte sequence now and then, not ten for
 * each illegal byte.  A declaration may be wrong (pages were converted and
 * their headers forgotten), and so may the neighbours; both are believed if
 * the bytes fit and no other encoding reads clearly better (guess.c).
 *
 * What is left is guessed: an East Asian encoding whose frequent characters
 * come up, then UTF-16 without a single zero byte, then uchardet, and at last
 * windows-1252 if there are few bytes outside ASCII.
 */
#include "text/encoding.h"

#include <string.h>

enum {
    DECLARATION_LEN = 4096, /* how far to look for one */
    BYTES_PER_BAD = 2000,   /* one illegal place per 1,000 characters of two */
    GOOD_PER_BAD = 10 /* legal multi-byte sequences of UTF-8 per illegal */
};

static bool
starts_with(const uint8_t *bytes, size_t len, const void *mark, size_t mark_len)
{
    return len >= mark_len && memcmp(bytes, mark, mark_len) == 0;
}

/* ---- marks ---- */

static wcp_encoding
by_mark(const uint8_t *bytes, size_t len)
{
    /* FF FE 00 00 could be UTF-16 that begins with U+0000, but never is. */
    if (len % 4 == 0 && starts_with(bytes, len, "\xFF\xFE\0\0", 4))
        return WCP_ENC_UTF32LE;
    if (len % 4 == 0 && starts_with(bytes, len, "\0\0\xFE\xFF", 4))
        return WCP_ENC_UTF32BE;
    if (starts_with(bytes, len, "\xEF\xBB\xBF", 3))
        return WCP_ENC_UTF8;
    if (starts_with(bytes, len, "\xFF\xFE", 2))
        return WCP_ENC_UTF16LE;
    if (starts_with(bytes, len, "\xFE\xFF", 2))
        return WCP_ENC_UTF16BE;
    if (starts_with(bytes, len, "\x84\x31\x95\x33", 4))
        return WCP_ENC_GB18030;
    return WCP_ENC_UNKNOWN;
}

/* ---- 7-bit encodings with shifts ---- */

/* The encoding that an escape sequence belongs to; p[0] is ESC. */
static wcp_encoding
by_escape(const uint8_t *p, size_t len)
{
    static const struct {
        const char *sequence;
        wcp_encoding enc;
    } known[] = {
        { "$@", WCP_ENC_ISO2022JP },  { "$B", WCP_ENC_ISO2022JP },
        { "$(D", WCP_ENC_ISO2022JP }, { "(J", WCP_ENC_ISO2022JP },
        { "$)C", WCP_ENC_ISO2022KR }, { "$)A", WCP_ENC_ISO2022CN },
        { "$)G", WCP_ENC_ISO2022CN }, { "$*H", WCP_ENC_ISO2022CN },
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (starts_with(p + 1, len - 1, known[i].sequence,
                        strlen(known[i].sequence)))
            return known[i].enc;
    return WCP_ENC_UNKNOWN;
}

static bool
is_ascii(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] >= 0x80)
            return false;
    return true;
}

/* A tilde and a brace also stand in programs; what is between must read like
 * Chinese. */
static bool
is_hz(struct wcp_decoder *decoder, const uint8_t *bytes, size_t len)
{
    struct wcp_weight weight;
    uint64_t num_bad;

    if (memmem(bytes, len, "~{", 2) == NULL ||
        !wcp_decode_sample(decoder, WCP_ENC_HZ, bytes, len, 0, &num_bad))
        return false;
    wcp_weigh(decoder->sample.data, decoder->sample.len, &weight);
    return wcp_likeness(&weight, WCP_LANG_CHINESE) > 0.3;
}

static wcp_encoding
by_shifts(struct wcp_decoder *decoder, const uint8_t *bytes, size_t len)
{
    const uint8_t *end = bytes + len;
    wcp_encoding enc = WCP_ENC_UNKNOWN;
    uint64_t num_bad;

    for (const uint8_t *p = memchr(bytes, 0x1B, len);
         p != NULL && enc == WCP_ENC_UNKNOWN;
         p = memchr(p + 1, 0x1B, (size_t)(end - p - 1)))
        enc = by_escape(p, (size_t)(end - p));
    if (enc != WCP_ENC_UNKNOWN &&
        !wcp_decode_fits(decoder, enc, bytes, len, 1 + len / BYTES_PER_BAD,
                         &num_bad))
        enc = WCP_ENC_UNKNOWN;
    if (enc == WCP_ENC_UNKNOWN && is_hz(decoder, bytes, len))
        enc = WCP_ENC_HZ;
    if (enc != WCP_ENC_UNKNOWN && !is_ascii(bytes, len))
        return WCP_ENC_UNKNOWN;
    return enc;
}

/* ---- UTF-8 with a few illegal bytes ---- */

static bool
is_nearly_utf8(const uint8_t *bytes, size_t len)
{
    const char *text = (const char *)bytes;
    size_t num_good = 0, num_bad = 0, i = 0;

    while (i < len) {
        const size_t valid = wcp_utf8_valid_prefix(text + i, len - i);

        for (size_t k = i; k < i + valid; k++)
            num_good += bytes[k] >= 0xC0;
        i += valid;
        if (i == len)
            break;
        num_bad++;
        /* Early out for text that is clearly something else. */
        if (num_bad > 20 && num_good < num_bad)
            return false;
        i++;
        while (i < len && (bytes[i] & 0xC0) == 0x80)
            i++;
    }
    return num_good >= GOOD_PER_BAD * num_bad;
}

/* ---- declarations ---- */

static bool
is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Where 'word' (lower case) stands next in any case, or len. */
static size_t
find_word(const uint8_t *bytes, size_t from, size_t len, const char *word)
{
    const size_t word_len = strlen(word);

    for (size_t i = from; i + word_len <= len; i++) {
        size_t k = 0;

        while (k < word_len &&
               (bytes[i + k] | (word[k] >= 'a' ? 0x20 : 0)) == word[k])
            k++;
        if (k == word_len)
            return i;
    }
    return len;
}

/* The encoding named by "KEY = name" or "KEY='name'" within a tag. */
static wcp_encoding
named_in_tag(const uint8_t *tag, size_t len, const char *key)
{
    for (size_t i = find_word(tag, 0, len, key); i < len;
         i = find_word(tag, i, len, key)) {
        size_t begin;

        i += strlen(key);
        while (i < len && is_space(tag[i]))
            i++;
        if (i >= len || tag[i] != '=')
            continue;
        i++;
        while (i < len && (is_space(tag[i]) || tag[i] == '"' || tag[i] == '\''))
            i++;
        begin = i;
        while (i < len && !is_space(tag[i]) &&
               strchr("\"';>/?", tag[i]) == NULL)
            i++;
        return wcp_encoding_by_name((const char *)tag + begin, i - begin);
    }
    return WCP_ENC_UNKNOWN;
}

/* The end of the tag that begins at 'from'. */
static size_t
tag_end(const uint8_t *bytes, size_t from, size_t len)
{
    const uint8_t *end = memchr(bytes + from, '>', len - from);

    return end == NULL ? len : (size_t)(end - bytes);
}

static wcp_encoding
by_declaration(const uint8_t *bytes, size_t len)
{
    wcp_encoding enc = WCP_ENC_UNKNOWN;
    size_t i = 0;

    if (len > DECLARATION_LEN)
        len = DECLARATION_LEN;
    while (i < len && is_space(bytes[i]))
        i++;
    if (starts_with(bytes + i, len - i, "<?xml", 5))
        enc = named_in_tag(bytes + i, tag_end(bytes, i, len) - i, "encoding");
    for (i = find_word(bytes, 0, len, "<meta");
         i < len && enc == WCP_ENC_UNKNOWN;
         i = find_word(bytes, i + 5, len, "<meta"))
        enc = named_in_tag(bytes + i, tag_end(bytes, i, len) - i, "charset");
    /* It could be read as ASCII, so it is none of the wide encodings. */
    if (enc >= WCP_ENC_UTF16LE && enc <= WCP_ENC_UTF32BE)
        return WCP_ENC_UTF8;
    return wcp_encoding_info(enc) == NULL ? WCP_ENC_UNKNOWN : enc;
}

/* ---- guesses ---- */

static wcp_encoding
by_guess(struct wcp_decoder *decoder, const uint8_t *bytes, size_t len)
{
    wcp_encoding enc = wcp_guess_east_asian(decoder, bytes, len);
    size_t num_high = 0;
    uint64_t num_bad;

    if (enc == WCP_ENC_UNKNOWN)
        enc = wcp_guess_wide(bytes, len);
    if (enc == WCP_ENC_UNKNOWN)
        enc = wcp_guess_by_uchardet(decoder, bytes, len);
    if (enc != WCP_ENC_UNKNOWN)
        return enc;
    for (size_t i = 0; i < len; i++)
        num_high += bytes[i] >= 0x80;
    if (num_high <= len / 4 &&
        wcp_decode_fits(decoder, WCP_ENC_WINDOWS1252, bytes, len, 0, &num_bad))
        return WCP_ENC_WINDOWS1252;
    return WCP_ENC_UNKNOWN;
}

/* ---- the decision ---- */

/* Evidence that needs no belief in anybody's word. */
static wcp_encoding
by_bytes(struct wcp_decoder *decoder, const uint8_t *bytes, size_t len,
         enum wcp_enc_reason *reason)
{
    wcp_encoding enc = by_mark(bytes, len);

    *reason = WCP_ENC_BOM;
    if (enc != WCP_ENC_UNKNOWN)
        return enc;
    *reason = WCP_ENC_ZEROS;
    if (len > 0 && memchr(bytes, 0, len) != NULL)
        enc = wcp_guess_wide(bytes, len);
    if (enc != WCP_ENC_UNKNOWN)
        return enc;
    *reason = WCP_ENC_GUESSED;
    if (len > 0)
        enc = by_shifts(decoder, bytes, len);
    if (enc != WCP_ENC_UNKNOWN)
        return enc;
    if (wcp_utf8_valid_prefix((const char *)bytes, len) == len) {
        *reason = WCP_ENC_STRICT_UTF8;
        return WCP_ENC_UTF8;
    }
    return is_nearly_utf8(bytes, len) ? WCP_ENC_UTF8 : WCP_ENC_UNKNOWN;
}

wcp_encoding
wcp_detect(struct wcp_decoder *decoder, const void *bytes, size_t len,
           wcp_encoding neighbours, enum wcp_enc_reason *reason_ret)
{
    enum wcp_enc_reason reason = WCP_ENC_NONE;
    wcp_encoding enc = by_bytes(decoder, bytes, len, &reason);

    if (enc == WCP_ENC_UNKNOWN) {
        reason = WCP_ENC_DECLARED;
        enc = by_declaration(bytes, len);
        if (!wcp_guess_agrees(decoder, enc, bytes, len,
                              1 + len / BYTES_PER_BAD))
            enc = WCP_ENC_UNKNOWN;
    }
    if (enc == WCP_ENC_UNKNOWN) {
        reason = WCP_ENC_NEIGHBOURS;
        if (wcp_guess_agrees(decoder, neighbours, bytes, len, 0))
            enc = neighbours;
    }
    if (enc == WCP_ENC_UNKNOWN) {
        reason = WCP_ENC_GUESSED;
        enc = by_guess(decoder, bytes, len);
    }
    if (enc == WCP_ENC_UNKNOWN) {
        reason = WCP_ENC_NONE;
        enc = WCP_ENC_UTF8;
    }
    *reason_ret = reason;
    return enc;
}

/* ---- binary files ---- */

static bool
has_binary_magic(const uint8_t *bytes, size_t len)
{
#define MAGIC(string)             \
    {                             \
        string, sizeof string - 1 \
    }
    static const struct {
        const char *mark;
        size_t len;
    } magic[] = {
        MAGIC("\x89PNG\r\n\x1A\n"),
        MAGIC("\xFF\xD8\xFF"),
        MAGIC("GIF87a"),
        MAGIC("GIF89a"),
        MAGIC("II*\0"),
        MAGIC("MM\0*"),
        MAGIC("%PDF-"),
        MAGIC("PK\x03\x04"),
        MAGIC("PK\x05\x06"),
        MAGIC("\x1F\x8B\x08"),
        MAGIC("BZh91AY&SY"),
        MAGIC("\xFD"
              "7zXZ\0"),
        MAGIC("\x28\xB5\x2F\xFD"),
        MAGIC("7z\xBC\xAF\x27\x1C"),
        MAGIC("Rar!\x1A\x07"),
        MAGIC("\x7F"
              "ELF"),
        MAGIC("\xCF\xFA\xED\xFE"),
        MAGIC("\xCE\xFA\xED\xFE"),
        MAGIC("\xCA\xFE\xBA\xBE"),
        MAGIC("MZ\x90\0"),
        MAGIC("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
        MAGIC("SQLite format 3\0"),
        MAGIC("OggS\0"),
        MAGIC("fLaC\0"),
        MAGIC("ID3\x03\0"),
        MAGIC("ID3\x04\0"),
        MAGIC("\x1A\x45\xDF\xA3"),
        MAGIC("\0asm"),
        MAGIC("wOFF"),
        MAGIC("wOF2"),
        MAGIC("\x04\x22\x4D\x18"),
        MAGIC("!<arch>\n"),
    };
#undef MAGIC

    for (size_t i = 0; i < sizeof magic / sizeof magic[0]; i++)
        if (starts_with(bytes, len, magic[i].mark, magic[i].len))
            return true;
    /* Containers that begin with a size. */
    return len >= 12 && ((memcmp(bytes, "RIFF", 4) == 0 &&
                          (memcmp(bytes + 8, "WAVE", 4) == 0 ||
                           memcmp(bytes + 8, "AVI ", 4) == 0 ||
                           memcmp(bytes + 8, "WEBP", 4) == 0)) ||
                         (bytes[0] == 0 && memcmp(bytes + 4, "ftyp", 4) == 0));
}

/* Control characters that text does not have, NUL apart. */
static bool
has_many_controls(const uint8_t *bytes, size_t len)
{
    size_t num = 0, num_nul = 0;

    for (size_t i = 0; i < len; i++) {
        const uint8_t c = bytes[i];

        num_nul += c == 0;
        num += c == 0x7F || (c < 0x20 && c != 0x1B && c != 0x0E && c != 0x0F &&
                             (c < '\t' || c > '\r') && c != 0);
    }
    return num * 200 > len - num_nul;
}

bool
wcp_looks_binary(const void *bytes, size_t len)
{
    if (has_binary_magic(bytes, len))
        return true;
    if (len == 0 || memchr(bytes, 0, len) == NULL ||
        by_mark(bytes, len) != WCP_ENC_UNKNOWN ||
        wcp_guess_wide(bytes, len) != WCP_ENC_UNKNOWN ||
        wcp_utf8_valid_prefix(bytes, len) == len)
        return false;
    /* One file in a hundred of a GBK archive is padded with NUL. */
    return has_many_controls(bytes, len);
}
