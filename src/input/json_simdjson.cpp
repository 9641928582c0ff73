/*
 * json_simdjson.cpp - the simdjson parser behind the C face of json.h
 *
 * The only C++ of the project.  The DOM interface is used because it checks the
 * whole line: what it accepts is JSON and its strings are valid UTF-8, so that
 * nothing after it need check again.  simdjson allocates for itself; what is
 * handed out points into its buffers.  Nothing throws: exceptions are
 * compiled out and new is asked not to.
 */
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include "input/json.h"

#include <cstdio>
#include <cstring>
#include <new>

namespace dom = simdjson::dom;

static_assert(simdjson::SIMDJSON_PADDING <= WCP_JSON_PADDING,
              "lines need more padding than json.h promises");
static_assert(simdjson::DEFAULT_MAX_DEPTH == WCP_JSON_MAX_DEPTH,
              "json_scan.c and simdjson disagree on the depth");

/* A parser keeps about 13 bytes for each byte of the longest line it has seen;
 * beyond this length the memory is given back. */
static const size_t KEEP_CAPACITY = size_t{ 8 } << 20;

/* simdjson looks for its best implementation when it is first used, and its
 * functions end the program if there is no memory for that.  Here it happens
 * when the program is loaded. */
static const simdjson::error_code warmed_up = [] {
    dom::parser parser;

    return parser.allocate(64);
}();

struct wcp_json {
    dom::parser parser;
};

extern "C" struct wcp_json *
wcp_json_new(void)
{
    return new (std::nothrow) wcp_json;
}

extern "C" void
wcp_json_free(struct wcp_json *json)
{
    delete json;
}

extern "C" void
wcp_json_trim(struct wcp_json *json)
{
    if (json->parser.capacity() > KEEP_CAPACITY)
        json->parser = dom::parser();
}

static void
set_integer(struct wcp_json_value *value, uint64_t magnitude, bool negative)
{
    char *end = value->digits + sizeof value->digits, *p = end;

    do {
        *--p = char('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude > 0);
    if (negative)
        *--p = '-';
    value->kind = WCP_JSON_INTEGER;
    value->data = p;
    value->len = size_t(end - p);
}

static void
set_value(struct wcp_json_value *value, dom::element element)
{
    std::string_view string;
    uint64_t number = 0;
    int64_t signed_number = 0;

    switch (element.type()) {
    case dom::element_type::STRING:
        if (element.get(string) == simdjson::SUCCESS) {
            value->kind = WCP_JSON_STRING;
            value->data = string.data();
            value->len = string.size();
        }
        break;
    case dom::element_type::INT64:
        if (element.get(signed_number) == simdjson::SUCCESS)
            set_integer(value,
                        signed_number < 0 ? 0 - uint64_t(signed_number)
                                          : uint64_t(signed_number),
                        signed_number < 0);
        break;
    case dom::element_type::UINT64:
        if (element.get(number) == simdjson::SUCCESS)
            set_integer(value, number, false);
        break;
    case dom::element_type::DOUBLE:
        value->kind = WCP_JSON_DOUBLE;
        break;
    case dom::element_type::NULL_VALUE:
        break;
    default:
        value->kind = WCP_JSON_OTHER;
        break;
    }
}

/* The first member of this very name; false if there is none. */
static bool
find_member(dom::object object, std::string_view name, uint32_t *ordinal_ret,
            dom::element *element_ret)
{
    uint32_t ordinal = 0;

    for (auto field : object) {
        if (field.key == name) {
            *ordinal_ret = ordinal;
            *element_ret = field.value;
            return true;
        }
        ordinal++;
    }
    return false;
}

/* Follow the dots: the longest first part that is a member is tried first. */
static bool
find_path(dom::object object, std::string_view name, unsigned level,
          struct wcp_json_value *value)
{
    dom::element element;
    dom::object inner;

    if (level == WCP_JSON_MAX_LEVELS)
        return false;
    if (find_member(object, name, &value->ordinals[level], &element)) {
        value->num_ordinals = level + 1;
        set_value(value, element);
        return true;
    }
    for (size_t dot = name.rfind('.'); dot != name.npos && dot > 0;
         dot = name.rfind('.', dot - 1)) {
        if (find_member(object, name.substr(0, dot), &value->ordinals[level],
                        &element) &&
            element.get(inner) == simdjson::SUCCESS &&
            find_path(inner, name.substr(dot + 1), level + 1, value))
            return true;
    }
    return false;
}

/* All names in one pass over the members; what is left may have dots. */
static void
find_all(dom::object object, const struct wcp_json_name *names,
         size_t num_names, struct wcp_json_value *values)
{
    size_t num_found = 0;
    uint32_t ordinal = 0;

    for (size_t i = 0; i < num_names; i++) {
        values[i].kind = WCP_JSON_NONE;
        values[i].data = nullptr;
        values[i].len = 0;
        values[i].num_ordinals = 0;
    }
    for (auto field : object) {
        for (size_t i = 0; i < num_names; i++) {
            if (field.key.size() != names[i].len ||
                memcmp(field.key.data(), names[i].data, names[i].len) != 0 ||
                values[i].num_ordinals > 0)
                continue;
            values[i].num_ordinals = 1;
            values[i].ordinals[0] = ordinal;
            set_value(&values[i], field.value);
            num_found++;
        }
        if (num_found == num_names)
            return;
        ordinal++;
    }
    for (size_t i = 0; i < num_names; i++) {
        std::string_view name(names[i].data, names[i].len);

        if (values[i].num_ordinals == 0 && name.find('.') != name.npos)
            find_path(object, name, 0, &values[i]);
    }
}

extern "C" enum wcp_json_status
wcp_json_parse(struct wcp_json *json, const char *line, size_t len,
               const struct wcp_json_name *names, size_t num_names,
               struct wcp_json_value *values)
{
    dom::element root;
    dom::object object;
    simdjson::error_code error;

    error = json->parser.parse(line, len, false).get(root);
    if (error == simdjson::MEMALLOC) {
        /* It takes what it has half allocated for room (3.0.1). */
        json->parser = dom::parser();
        return WCP_JSON_NO_MEMORY;
    }
    if (error != simdjson::SUCCESS)
        return WCP_JSON_REFUSED;
    if (root.get(object) != simdjson::SUCCESS)
        return WCP_JSON_NOT_OBJECT;
    find_all(object, names, num_names, values);
    return WCP_JSON_OK;
}

/* Names of members, as far as there is room. */
struct member_list {
    char *to;
    size_t size, len;
    bool full;
};

/* The names that lead to values, through objects within objects. */
static void
list_members(struct member_list *list, dom::object object, const char *before,
             unsigned level)
{
    const size_t reserve = sizeof ", ...";

    for (auto field : object) {
        const char *between = list->len > 0 ? ", " : "";
        dom::object inner;
        char name[200];
        const int len =
            snprintf(name, sizeof name, "%s%.*s", before,
                     int(field.key.size() < 120 ? field.key.size() : 120),
                     field.key.data());

        if (list->full)
            return;
        if (level + 1 < WCP_JSON_MAX_LEVELS &&
            field.value.get(inner) == simdjson::SUCCESS &&
            inner.begin() != inner.end() && len + 1 < int(sizeof name)) {
            name[len] = '.';
            name[len + 1] = '\0';
            list_members(list, inner, name, level + 1);
            continue;
        }
        list->full = list->len + 2 + size_t(len) + reserve > list->size;
        list->len +=
            size_t(snprintf(list->to + list->len, list->size - list->len,
                            "%s%s", between, list->full ? "..." : name));
    }
}

extern "C" void
wcp_json_members(const struct wcp_json *json, char *to, size_t size)
{
    struct member_list list = { to, size, 0, false };
    dom::object object;

    to[0] = '\0';
    if (json->parser.doc.root().get(object) == simdjson::SUCCESS)
        list_members(&list, object, "", 0);
}
