/*
 * json.h - one line of JSON -> the values of a few members
 *
 * wcp_json_parse() is simdjson behind a C face (json_simdjson.cpp): fast, but
 * silent about where a line is wrong, and stricter than the data of the world.
 * The rest (json_scan.c) is plain C for the lines that it refuses.
 */
#ifndef WCP_INPUT_JSON_H
#define WCP_INPUT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    WCP_JSON_PADDING = 64,   /* readable bytes that must follow a line */
    WCP_JSON_MAX_LEVELS = 8, /* how deep a dotted name may lead */
    WCP_JSON_MAX_DEPTH = 1024
};

struct wcp_json;

/* A member to look for: its name, which may lead into objects by dots. */
struct wcp_json_name {
    const char *data;
    size_t len;
};

enum wcp_json_kind {
    WCP_JSON_NONE, /* no such member, or null */
    WCP_JSON_STRING,
    WCP_JSON_INTEGER,
    WCP_JSON_DOUBLE, /* data is NULL: wcp_json_number_text() has it */
    WCP_JSON_OTHER   /* true, false, array or object */
};

struct wcp_json_value {
    enum wcp_json_kind kind;
    const char *data; /* valid until the next parse, like the struct itself */
    size_t len;
    /* The way to the value: in the object it is the ordinals[0]-th member,
     * in that one the ordinals[1]-th, and so on. */
    uint32_t ordinals[WCP_JSON_MAX_LEVELS];
    unsigned num_ordinals;
    char digits[24];
};

enum wcp_json_status {
    WCP_JSON_OK,
    WCP_JSON_NOT_OBJECT,
    WCP_JSON_REFUSED, /* malformed, too deep, bad UTF-8, huge numbers, lone
                       * surrogates: json_scan.c finds out */
    WCP_JSON_NO_MEMORY
};

/* NULL when out of memory.  A parser serves one thread. */
struct wcp_json *wcp_json_new(void);
void wcp_json_free(struct wcp_json *json);
/* Give back memory that only a very long line needed. */
void wcp_json_trim(struct wcp_json *json);

/*
 * Parse len bytes at 'line', which WCP_JSON_PADDING readable bytes of any
 * value must follow, and fill one value for each name.  Of members of the same
 * name the first counts.
 */
enum wcp_json_status wcp_json_parse(struct wcp_json *json, const char *line,
                                    size_t len,
                                    const struct wcp_json_name *names,
                                    size_t num_names,
                                    struct wcp_json_value *values);

/* The names of the members of the line that was parsed last, with ", "
 * between, those in objects with dots; what has no room is "...".  Room for 40
 * bytes is needed. */
void wcp_json_members(const struct wcp_json *json, char *to, size_t size);

/* What is wrong with a line, and where. */
struct wcp_json_flaw {
    const char *reason; /* a constant */
    size_t at;          /* byte offset */
    bool incomplete;    /* the line would be fine if it went on */
};

/* True if 'line' is JSON by RFC 8259, bytes above 7F and escaped surrogates
 * being taken on trust; else the flaw is filled in. */
bool wcp_json_check(const char *line, size_t len,
                    struct wcp_json_flaw *flaw_ret);

/* The text of the number at value's ordinals, in a line that
 * wcp_json_check() accepts; false if there is none. */
bool wcp_json_number_text(const char *line, size_t len,
                          struct wcp_json_value *value);

/* Where the string at value's ordinals begins, behind its quote, likewise. */
bool wcp_json_string_place(const char *line, size_t len,
                           const struct wcp_json_value *value,
                           size_t *begin_ret);
/* The UTF-16 unit of "\uXXXX" at p, -1 if no such escape stands there. */
int wcp_json_escaped_unit(const char *p, const char *end);

/*
 * Replace escapes of surrogates that have no partner by \uFFFD, or take them
 * out (drop).  *len may shrink.  Returns how many; *first_ret is the offset
 * of the first.
 */
uint64_t wcp_json_mend_surrogates(char *line, size_t *len, bool drop,
                                  size_t *first_ret);
/* Replace every number by 0 and blanks, so that none is out of range. */
void wcp_json_mend_numbers(char *line, size_t len);

#ifdef __cplusplus
}
#endif

#endif /* WCP_INPUT_JSON_H */
