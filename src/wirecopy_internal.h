/*
 * wirecopy_internal.h - what the files of the public API share
 */
#ifndef WCP_WIRECOPY_INTERNAL_H
#define WCP_WIRECOPY_INTERNAL_H

#include "wirecopy.h"

#include "base/base.h"
#include "group/credit.h"
#include "group/group.h"
#include "group/runs.h"
#include "input/input.h"
#include "match/match.h"
#include "store/store.h"
#include "store/wcs.h"
#include "text/text.h"

#define WCP_DEFAULT_THRESHOLD .8

/* A signature file that was added. */
struct wcp_signature_file {
    char *path;
    uint64_t device, inode;
    struct wcp_buffer options;
};

struct wcp_corpus {
    struct wcp_memory mem;
    struct wcp_memory allocator;    /* of the corpus itself */
    struct wcp_counted_memory heap; /* what 'mem' is if there is a limit */
    struct wcp_quota disk;
    struct wcp_options opts; /* strings are copies where they are kept */
    char *tmpdir;
    struct wcp_plan plan;
    struct wcp_reader *reader;
    struct wcp_store *store;
    struct wcp_components components;
    WCP_ARRAY(struct wcp_signature_file)
    signatures; /* instead of the reader's */
    char *texts, *checkpoint;
    struct wcp_credits *credits; /* NULL: not needed so far */
    /* [num_classes], each NULL or of the class's first document; or NULL */
    struct wcp_member_credit **early;
    struct wcp_text_tap tap; /* that fills it */
    bool read;               /* and closed */
    bool linked;             /* read, closed and components found */
    bool wants_texts; /* of all linked documents, not one of each class */
    bool failed;      /* on the way there: nothing more can be had */
    struct wcp_stats stats;
    struct wcp_progress progress; /* as it was told last */
    /* Of the one or two documents handed out, and of a group's member. */
    struct wcp_buffer ids[2], strings[2];
    struct wcp_document_info infos[2];
    struct wcp_group_member member;
};

/* Bytes of the first version of a struct, which ended with 'field'. */
#define WCP_SIZE_TO(type, field) \
    (offsetof(type, field) + sizeof(((type *)NULL)->field))

/* Turn a fault into the caller's error; returns its status. */
enum wcp_status wcp_tell(struct wcp_error *err, enum wcp_code code,
                         const struct wcp_fault *fault);

/*
 * Structs of the caller, who may have been compiled with another version:
 * struct_size is their first field.  Init sets it, the fields that 'defaults',
 * which is of 'size' bytes, has as well, and zeroes the others.  Taking leaves
 * the fields that the caller does not have as they are in 'to', which is of
 * 'size' bytes; BAD_OPTION if struct_size is below 'least', or cannot have been
 * meant.  Giving writes no more than the caller has, and not struct_size.
 * Nothing is ever appended into the padding at the end of such a struct, which
 * older callers have as well and never set.
 */
void wcp_struct_init(void *to, size_t struct_size, const void *defaults,
                     size_t size);
enum wcp_code wcp_struct_take(void *to, size_t size, const void *from,
                              size_t least, const char *name,
                              struct wcp_fault *fault);
void wcp_struct_give(void *to, const void *from, size_t size);
enum wcp_code wcp_text_take(struct wcp_text *to, const struct wcp_text *from,
                            struct wcp_fault *fault);

/* The plan, the reader and the store, by corpus->opts. */
enum wcp_code wcp_corpus_open_layers(struct wcp_corpus *corpus,
                                     struct wcp_fault *fault);
void wcp_corpus_free_signatures(struct wcp_corpus *corpus);
/* Take the documents of signature files into the store. */
enum wcp_code wcp_corpus_load(struct wcp_corpus *corpus,
                              struct wcp_fault *fault);
/* Read with a checkpoint. */
enum wcp_code wcp_corpus_read_on(struct wcp_corpus *corpus,
                                 const struct wcp_store_listener *listener,
                                 struct wcp_fault *fault);
/* BAD_OPTION if its documents are those of signature files; 'what' cannot be
 * had of them. */
enum wcp_code wcp_corpus_check_texts(const struct wcp_corpus *corpus,
                                     const char *what, struct wcp_fault *fault);
/* The same of an archive, whose members are not handed out again: known before
 * anything is read. */
enum wcp_code wcp_corpus_check_files(const struct wcp_corpus *corpus,
                                     const char *what, struct wcp_fault *fault);
/* Counts of a store that is closed. */
void wcp_corpus_take_counts(struct wcp_corpus *corpus);

/* Fields that the caller's version does not have keep their defaults. */
enum wcp_code wcp_options_copy(struct wcp_options *to,
                               const struct wcp_options *from,
                               struct wcp_fault *fault);
enum wcp_code wcp_options_check(const struct wcp_options *opts,
                                struct wcp_fault *fault);
struct wcp_memory wcp_options_memory(const struct wcp_options *opts);

/* Notices and progress for the corpus 'ctx', to its callbacks; a skipped
 * input is counted, unless the store counts it. */
void wcp_corpus_pass_read_notice(void *ctx, const struct wcp_notice *notice);
void wcp_corpus_pass_notice(void *ctx, const struct wcp_notice *notice);
bool wcp_corpus_pass_progress(void *ctx, uint64_t documents, uint64_t done,
                              uint64_t total);
/* The same once all is read. */
bool wcp_corpus_pass_steps(void *ctx, size_t done, size_t total);

/* BAD_OPTION once results were asked for. */
enum wcp_code wcp_corpus_check_open(const struct wcp_corpus *corpus,
                                    struct wcp_fault *fault);
/* Read and close, once; WCP_OK also if the corpus is linked. */
enum wcp_code wcp_corpus_read_store(struct wcp_corpus *corpus,
                                    struct wcp_fault *fault);
/* Read, close and find the components, once. */
enum wcp_code wcp_corpus_link(struct wcp_corpus *corpus,
                              struct wcp_fault *fault);
/* Who a document is, in place 0 or 1 of those handed out.  NULL when out of
 * memory. */
const struct wcp_document_info *wcp_corpus_describe(struct wcp_corpus *corpus,
                                                    uint32_t document,
                                                    unsigned place);
const struct wcp_document_info *
wcp_corpus_describe_entry(struct wcp_corpus *corpus,
                          const struct wcp_entry *entry, uint32_t number,
                          unsigned place);

/* ---- limits (wirecopy_limits.c) ---- */

/* Set up the corpus' memory and disk by its options; BAD_OPTION if memory is
 * too little for anything. */
enum wcp_code wcp_corpus_set_limits(struct wcp_corpus *corpus,
                                    struct wcp_fault *fault);
/* For what needs all in memory: no limit from here on; BAD_OPTION if it has
 * left memory by now. */
enum wcp_code wcp_corpus_lift_limit(struct wcp_corpus *corpus,
                                    struct wcp_fault *fault);
/* Like wcp_tell(); if a limit was the cause, the text says so. */
enum wcp_status wcp_corpus_tell(struct wcp_corpus *corpus,
                                struct wcp_error *err, enum wcp_code code,
                                struct wcp_fault *fault);

/* ---- what has left memory (wirecopy_portions.c) ---- */

enum wcp_code wcp_corpus_find_portions(
    struct wcp_corpus *corpus,
    int32_t (*on_group)(void *ctx, const struct wcp_group *group), void *ctx,
    struct wcp_fault *fault);
enum wcp_code wcp_corpus_pairs_portions(
    struct wcp_corpus *corpus,
    int32_t (*on_pair)(void *ctx, const struct wcp_pair *pair), void *ctx,
    struct wcp_fault *fault);
/* Removed documents by number, each with the one that is kept, as results. */
enum wcp_code wcp_corpus_removals(struct wcp_corpus *corpus,
                                  enum wcp_order order, struct wcp_runs *runs,
                                  struct wcp_fault *fault);

/* wcp_groups_find() and wcp_class_pairs_find() by portions, with the numbers
 * of the whole; for a store of which the outline is there. */
enum wcp_code wcp_corpus_groups_out(struct wcp_corpus *corpus,
                                    struct wcp_groups *groups,
                                    enum wcp_order order, bool for_dropping,
                                    struct wcp_fault *fault);
enum wcp_code wcp_corpus_class_pairs_out(struct wcp_corpus *corpus,
                                         struct wcp_class_pairs *pairs,
                                         struct wcp_fault *fault);

/* The group that is handed out, and where its members are. */
struct wcp_group_view {
    struct wcp_group group; /* first, so that one pointer leads to both */
    struct wcp_corpus *corpus;
    const struct wcp_member *members;
    const struct wcp_member_credit *credits; /* of all groups */
    size_t first; /* of its members among those that have credits */
    const struct wcp_member *end; /* of all groups' members */
    struct wcp_runs *runs;        /* if not NULL, all is there */
};

/* ---- texts, once more (wirecopy_texts.c) ---- */

/* wcp_corpus_link(); the texts of all documents that are linked can be had. */
enum wcp_code wcp_corpus_link_texts(struct wcp_corpus *corpus,
                                    struct wcp_fault *fault);
/* Make the texts of all documents of the components available. */
enum wcp_code wcp_corpus_spool_all(struct wcp_corpus *corpus,
                                   struct wcp_fault *fault);

/* What the thread that calls does while others read texts; false: it is not
 * worth while any more. */
struct wcp_meanwhile {
    bool (*run)(void *ctx);
    void *ctx;
};
/* Who is told of document i of a list what it credits; on several threads at
 * once.  False: out of memory. */
struct wcp_credit_taker {
    bool (*each)(void *ctx, size_t i, const struct wcp_credit *credit,
                 const char *text);
    void *ctx;
    const struct wcp_meanwhile *meanwhile; /* or NULL */
};
/* Read these documents, each once, in the order they stand in, and find what
 * they credit; the table is made. */
enum wcp_code wcp_corpus_each_credit(struct wcp_corpus *corpus,
                                     const uint32_t *documents, size_t num,
                                     const struct wcp_credit_taker *taker,
                                     struct wcp_fault *fault);

/* ---- credits (wirecopy_credits.c) ---- */

/*
 * Mark the documents that are their agency's own (WCP_ENTRY_OWN): the source,
 * or where there is none the path, names an agency, and the text credits it or
 * nobody.  Only where it matters: another document of the component has the
 * same date.
 */
enum wcp_code wcp_corpus_mark_own(struct wcp_corpus *corpus,
                                  struct wcp_fault *fault);

/* Make the table, once, with that of a file (NULL: none). */
enum wcp_code wcp_corpus_read_credits(struct wcp_corpus *corpus,
                                      const char *path,
                                      struct wcp_fault *fault);

/* What a member of a group credits; a list of them, by member.  'meanwhile' may
 * be NULL; it is run unless the call fails before that. */
struct wcp_member_credit;
enum wcp_code wcp_corpus_find_credits(struct wcp_corpus *corpus,
                                      const struct wcp_member *members,
                                      size_t num_members,
                                      const struct wcp_meanwhile *meanwhile,
                                      struct wcp_member_credit **credits_ret,
                                      struct wcp_fault *fault);
void wcp_corpus_free_credits(struct wcp_corpus *corpus,
                             struct wcp_member_credit *credits, size_t num);
/* Keep the texts that may have to be compared, in components of so many at
 * least, and find out meanwhile, and until the store's tap is taken away, what
 * they credit, if that is wanted and the table is made. */
void wcp_corpus_keep_texts(struct wcp_corpus *corpus, bool with_credits,
                           uint32_t least);
void wcp_corpus_free_early(struct wcp_corpus *corpus);
/* Member i of the list, for whoever asked. */
void wcp_credit_give(struct wcp_group_member *member,
                     const struct wcp_member_credit *credits, size_t i);

/* A containment, NaN where only signatures were compared. */
double wcp_corpus_share(const struct wcp_corpus *corpus, bool same_text,
                        uint32_t common, uint32_t size);
/* For groups by date, nothing being dropped. */
struct wcp_copy_rules wcp_corpus_copy_rules(const struct wcp_corpus *corpus);
/* What a relation is judged by: the threshold, or the default one. */
double wcp_corpus_threshold(const struct wcp_corpus *corpus);
/* What counts as a copy, WCP_REL_BIT() of each; whether that needs samples. */
unsigned wcp_corpus_relations(const struct wcp_corpus *corpus);
bool wcp_corpus_needs_sample(const struct wcp_corpus *corpus);

/* The groups of a linked corpus, for on_group or to drop copies; the counts of
 * this are set. */
enum wcp_code wcp_corpus_group(struct wcp_corpus *corpus,
                               struct wcp_groups *groups, enum wcp_order order,
                               bool for_dropping, struct wcp_fault *fault);

#endif /* WCP_WIRECOPY_INTERNAL_H */
