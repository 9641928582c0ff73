/*
 * runs.h - results that wait in a temporary file, in order, to be merged
 *
 * A result is a document and others that go with it: an original and its
 * copies, a document and its later partners.  Each portion of a store writes
 * its results in order, which makes a run; the runs are then merged.
 */
#ifndef WCP_GROUP_RUNS_H
#define WCP_GROUP_RUNS_H

#include "group/group.h"

/* What else is said of a document; NULL: nothing. */
struct wcp_extra {
    const char *text;
    size_t len;
};
enum { WCP_EXTRAS = 2 };
struct wcp_extras {
    struct wcp_extra at[WCP_EXTRAS];
};

/* A document of a result. */
struct wcp_found {
    struct wcp_entry entry;
    uint32_t number; /* of the document, in the whole store */
    struct wcp_overlap overlap;
    enum wcp_relation_kind relation;
    bool same_text;                      /* as the first of the result */
    struct wcp_extra extras[WCP_EXTRAS]; /* each ends in NUL */
    uint32_t strings_len;                /* with those of the extras */
};

struct wcp_result_run {
    uint64_t begin, end; /* in the file */
};

/* Bytes of the file that are read in order. */
struct wcp_run_reader {
    struct wcp_buffer bytes; /* those at hand */
    uint64_t at, end;        /* behind them; of the run */
    size_t used;
};

/* A run while it is merged. */
struct wcp_run_head {
    struct wcp_run_reader reader;
    uint64_t num, num_bytes; /* documents of the result at hand; their bytes */
    double weakest;
    uint64_t begin; /* of the first */
    struct wcp_found first;
    struct wcp_buffer strings; /* of the first */
};

struct wcp_runs {
    const struct wcp_store *store;
    enum wcp_order order;
    int fd; /* -1: none yet */
    uint64_t len;
    struct wcp_buffer pending; /* to be written */
    WCP_ARRAY(struct wcp_result_run) runs;
    struct wcp_run_head *heads; /* [num_heads], while they are merged */
    size_t num_heads;
    WCP_ARRAY(uint32_t) heap; /* of heads that have a result, the first first */
    struct wcp_run_head *at_hand;
    /* The document that was asked for last. */
    struct wcp_run_reader reader;
    uint64_t next;
    struct wcp_found found;
    struct wcp_buffer strings;
};

/* 'store' is the whole one. */
void wcp_runs_init(struct wcp_runs *runs, const struct wcp_store *store,
                   enum wcp_order order);
void wcp_runs_release(struct wcp_runs *runs);

/* What follows is a run of its own. */
bool wcp_runs_begin(struct wcp_runs *runs);
/* Forget the last run, which may have begun. */
void wcp_runs_drop(struct wcp_runs *runs);
/* One result of 'portion', whose documents these are; 'extras' of each may be
 * NULL. */
struct wcp_result {
    const struct wcp_store *portion;
    const struct wcp_member *members;
    const struct wcp_extras *extras;
    size_t num;
};
enum wcp_code wcp_runs_add(struct wcp_runs *runs,
                           const struct wcp_result *result,
                           struct wcp_fault *fault);

/* All is written: the merging may begin. */
enum wcp_code wcp_runs_merge(struct wcp_runs *runs, struct wcp_fault *fault);
/* Go to the next result; *num_ret is the number of its documents, 0 at the
 * end. */
enum wcp_code wcp_runs_next(struct wcp_runs *runs, uint64_t *num_ret,
                            struct wcp_fault *fault);
/* Its first document, valid until the next result. */
const struct wcp_found *wcp_runs_first(const struct wcp_runs *runs);
/* The least Jaccard index of its documents' overlaps. */
double wcp_runs_weakest(const struct wcp_runs *runs);
/* Document i; valid until the next call.  In ascending order it is cheap. */
enum wcp_code wcp_runs_get(struct wcp_runs *runs, uint64_t i,
                           const struct wcp_found **found_ret,
                           struct wcp_fault *fault);

#endif /* WCP_GROUP_RUNS_H */
