/*
 * places.c - where characters of a decoded text stand in its bytes
 *
 * The way back is never stored: the text is decoded again, only as far as the
 * next place each time.  Where that cannot be exact, because bytes are illegal
 * or what they mean depends on those before them, there is no way back.
 */
#include "text/encoding.h"

#include <errno.h>
#include <string.h>

/* How far it has come. */
struct way {
    const uint8_t *bytes;
    size_t len;
    size_t at;    /* in the bytes */
    uint64_t out; /* bytes of UTF-8 so far */
};

static unsigned
utf8_length(uint32_t c)
{
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

/* One character of UTF-16 or UTF-32. */
static bool
step_wide(struct way *way, size_t width, bool big)
{
    const uint8_t *p = way->bytes + way->at;
    uint32_t c, low;

    if (way->len - way->at < width)
        return false;
    c = wcp_unit_at(p, width, big);
    way->at += width;
    if (width == 2 && c >= 0xD800 && c <= 0xDBFF) {
        low = way->len - way->at < 2 ? 0 : wcp_unit_at(p + 2, 2, big);
        if (low < 0xDC00 || low > 0xDFFF)
            return false;
        c = 0x10000 + ((c - 0xD800) << 10) + low - 0xDC00;
        way->at += 2;
    } else if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        return false;
    }
    way->out += utf8_length(c);
    return true;
}

static bool
place_wide(struct way *way, size_t width, bool big, uint64_t *places,
           size_t num)
{
    if (way->len >= width) {
        /* As when it was decoded: a mark says the order. */
        if (wcp_unit_at(way->bytes, width, !big) == 0xFEFF)
            big = !big;
        if (wcp_unit_at(way->bytes, width, big) == 0xFEFF)
            way->at = width;
    }
    for (size_t i = 0; i < num; i++) {
        while (way->out < places[i])
            if (!step_wide(way, width, big))
                return false;
        if (way->out != places[i])
            return false;
        places[i] = way->at;
    }
    return true;
}

/* Up to 'place' and no further: the converter has no more room. */
static bool
convert_until(struct way *way, iconv_t converter, wcp_encoding enc,
              uint64_t place)
{
    char block[4096];

    while (way->out < place) {
        char *in = (char *)(uintptr_t)(way->bytes + way->at), *to = block;
        size_t left = way->len - way->at, room = sizeof block;
        uint32_t c = 0;
        size_t r;
        int error;

        if (room > place - way->out)
            room = (size_t)(place - way->out);
        r = iconv(converter, &in, &left, &to, &room);
        error = r == (size_t)-1 ? errno : 0;
        way->at = way->len - left;
        way->out += (uint64_t)(to - block);
        if (way->out == place)
            break; /* whatever is wrong behind it */
        if (error == EILSEQ && enc == WCP_ENC_BIG5HKSCS)
            c = wcp_big5_leftover(way->bytes + way->at, left);
        if (c != 0) {
            way->at += 2;
            way->out += utf8_length(c);
        } else if (to == block || (error != 0 && error != E2BIG)) {
            return false;
        }
    }
    return way->out == place;
}

static bool
place_table(struct way *way, iconv_t converter, wcp_encoding enc,
            uint64_t *places, size_t num)
{
    /* The mark of GB18030, which is no text. */
    if (enc == WCP_ENC_GB18030 && way->len >= 4 &&
        memcmp(way->bytes, "\x84\x31\x95\x33", 4) == 0)
        way->at = 4;
    iconv(converter, NULL, NULL, NULL, NULL);
    for (size_t i = 0; i < num; i++) {
        if (!convert_until(way, converter, enc, places[i]))
            return false;
        places[i] = way->at;
    }
    return true;
}

bool
wcp_decode_places(struct wcp_decoder *decoder, wcp_encoding enc,
                  const void *bytes, size_t len, uint64_t *places, size_t num)
{
    const struct wcp_encoding_info *info = wcp_encoding_info(enc);
    struct way way = { .bytes = bytes, .len = len };
    size_t mark;

    if (info == NULL)
        return false;
    switch (info->kind) {
    case WCP_KIND_UTF8:
        mark = len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
        for (size_t i = 0; i < num; i++) {
            places[i] += mark;
            if (places[i] > len)
                return false;
        }
        return true;
    case WCP_KIND_UTF16:
        return place_wide(&way, 2, enc == WCP_ENC_UTF16BE, places, num);
    case WCP_KIND_UTF32:
        return place_wide(&way, 4, enc == WCP_ENC_UTF32BE, places, num);
    case WCP_KIND_TABLE:
        return wcp_decoder_open(decoder, enc) &&
               place_table(&way, decoder->converter[enc], enc, places, num);
    case WCP_KIND_HZ:
    case WCP_KIND_SHIFT:
    case WCP_KIND_NONE:
        break;
    }
    return false;
}
