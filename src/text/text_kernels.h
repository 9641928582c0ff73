/*
 * text_kernels.h - the inner loops of validating and folding, one table per
 * instruction set
 *
 * Every table gives the same results as wcp_text_kernels_portable, which is
 * the definition: folding even for bytes that are no UTF-8.
 */
#ifndef WCP_TEXT_TEXT_KERNELS_H
#define WCP_TEXT_TEXT_KERNELS_H

#include "text/text.h"

/* Units that a kernel may write past those that count. */
#define WCP_FOLD_SLACK 160

/* A text that is being folded. */
struct wcp_fold_run {
    uint16_t *units; /* room for num + (stop - at) + WCP_FOLD_SLACK */
    size_t num;
    const uint8_t *text;
    size_t at, stop, len;
    unsigned pace; /* the kernel's own, 0 at first */
};

struct wcp_text_kernels {
    const char *name;

    /* wcp_utf8_valid_prefix() */
    size_t (*valid_prefix)(const uint8_t *text, size_t len);

    /*
     * Fold characters from text[at] that need no care, and drop those that
     * are dropped.  Ends at 'stop' or up to 63 bytes behind it, or before it
     * at a character that the caller must fold; that may be any.  Reads no
     * byte at or behind 'len'.
     */
    void (*fold_plain)(struct wcp_fold_run *run);
};

extern const struct wcp_text_kernels wcp_text_kernels_portable;
#if defined(__x86_64__)
extern const struct wcp_text_kernels wcp_text_kernels_avx2;
extern const struct wcp_text_kernels wcp_text_kernels_avx512;
#endif

/* The best table this processor can run. */
const struct wcp_text_kernels *wcp_text_kernels_best(void);
/* Of the tables this processor can run, the best first, the one at 'wanted';
 * NULL: no more. */
const struct wcp_text_kernels *wcp_text_kernels_at(size_t wanted);

/* What the public functions do with the best table. */
bool wcp_fold_by(const struct wcp_text_kernels *kernels,
                 struct wcp_folded *folded, const char *utf8, size_t len);
size_t wcp_utf8_valid_prefix_portable(const uint8_t *text, size_t len);
void wcp_fold_plain_portable(struct wcp_fold_run *run);

#endif /* WCP_TEXT_TEXT_KERNELS_H */
