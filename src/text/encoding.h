/*
 * encoding.h - what encoding.c, decode.c, places.c, detect.c and guess.c
 * share
 */
#ifndef WCP_TEXT_ENCODING_H
#define WCP_TEXT_ENCODING_H

#include <iconv.h>

#include "text/text.h"

enum { WCP_NUM_ENCODINGS = 64 }; /* asserted in encoding.c to be enough */

/* Numbers that this layer needs; those before are in text.h. */
enum {
    WCP_ENC_SHIFT_JIS = 8,
    WCP_ENC_EUC_JP,
    WCP_ENC_ISO2022JP,
    WCP_ENC_CP949,
    WCP_ENC_JOHAB,
    WCP_ENC_ISO2022KR,
    WCP_ENC_EUC_TW,
    WCP_ENC_ISO2022CN,
    WCP_ENC_HZ,
    WCP_ENC_UTF7,
    WCP_ENC_WINDOWS1252,
    WCP_ENC_FIRST_OTHER
};

/* Who decodes: the code in decode.c, or iconv. */
enum wcp_enc_kind {
    WCP_KIND_NONE,
    WCP_KIND_UTF8,
    WCP_KIND_UTF16,
    WCP_KIND_UTF32,
    WCP_KIND_HZ,
    WCP_KIND_TABLE, /* iconv; no memory from one character to the next */
    WCP_KIND_SHIFT  /* iconv; escape sequences change what bytes mean */
};

/* What text in the encoding should look like; see guess.c. */
enum wcp_enc_language {
    WCP_LANG_ANY,
    WCP_LANG_CHINESE,
    WCP_LANG_JAPANESE,
    WCP_LANG_KOREAN
};

struct wcp_encoding_info {
    const char *name;
    enum wcp_enc_kind kind;
    enum wcp_enc_language language;
    const char *iconv_names; /* in order of preference, space between */
    const char *labels;      /* lower case, no punctuation, space between */
};

/* NULL for WCP_ENC_AUTO and numbers that are none. */
const struct wcp_encoding_info *wcp_encoding_info(wcp_encoding enc);
/* (iconv_t)-1 when the platform lacks it. */
iconv_t wcp_encoding_open(wcp_encoding enc);

struct wcp_decoder {
    const struct wcp_memory *mem;
    struct wcp_buffer sample; /* the last sample decoded, for guesses */
    iconv_t converter[WCP_NUM_ENCODINGS];
    enum { WCP_UNTRIED, WCP_OPEN, WCP_MISSING } state[WCP_NUM_ENCODINGS];
};

/* Have decoder->converter[enc]; false: this platform has none. */
bool wcp_decoder_open(struct wcp_decoder *decoder, wcp_encoding enc);
/* Characters of Big5 and CP950 that HKSCS, and glibc with it, leaves out
 * because it has their like elsewhere; among them the full-width solidus.  0:
 * the first two bytes are none of these. */
uint32_t wcp_big5_leftover(const uint8_t *bytes, size_t len);

enum { WCP_SAMPLE_LEN = 65536 }; /* how much of a text guesses look at */

/*
 * Decode the first WCP_SAMPLE_LEN bytes into decoder->sample with U+FFFD for
 * what is illegal, giving up at more than max_bad illegal places (false).  A
 * character cut by the end of the sample is counted only if the text ends
 * there too.
 */
bool wcp_decode_sample(struct wcp_decoder *decoder, wcp_encoding enc,
                       const uint8_t *bytes, size_t len, uint64_t max_bad,
                       uint64_t *num_bad_ret);
/* True when the whole has at most max_bad illegal places; they are counted. */
bool wcp_decode_fits(struct wcp_decoder *decoder, wcp_encoding enc,
                     const uint8_t *bytes, size_t len, uint64_t max_bad,
                     uint64_t *num_bad_ret);

/* How many characters of which kind a piece of valid UTF-8 has. */
struct wcp_weight {
    size_t ascii;       /* printing, space, tab, line ends */
    size_t punctuation; /* East Asian and general */
    size_t letters;     /* all others */
    size_t kana, han_frequent, hangul_frequent;
    size_t odd; /* controls, private use, U+FFFD, noncharacters */
    size_t nul; /* padding in some archives; not counted as odd */
};

void wcp_weigh(const uint8_t *utf8, size_t len, struct wcp_weight *weight);
/* How much like text in the language: about 1 for real text, 0 to .2 for bytes
 * read in the wrong encoding. */
double wcp_likeness(const struct wcp_weight *weight,
                    enum wcp_enc_language language);

/* UTF-16 or UTF-32 without a byte-order mark, or WCP_ENC_UNKNOWN. */
wcp_encoding wcp_guess_wide(const uint8_t *bytes, size_t len);
/* The East Asian multi-byte encoding that fits and reads best, or
 * WCP_ENC_UNKNOWN if none reads like text. */
wcp_encoding wcp_guess_east_asian(struct wcp_decoder *decoder,
                                  const uint8_t *bytes, size_t len);
/* True when the bytes have at most max_bad illegal places in enc and no other
 * encoding is clearly likelier. */
bool wcp_guess_agrees(struct wcp_decoder *decoder, wcp_encoding enc,
                      const uint8_t *bytes, size_t len, uint64_t max_bad);
/* What uchardet says, if that fits; or WCP_ENC_UNKNOWN. */
wcp_encoding wcp_guess_by_uchardet(struct wcp_decoder *decoder,
                                   const uint8_t *bytes, size_t len);

#endif /* WCP_TEXT_ENCODING_H */
