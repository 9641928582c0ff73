/*
 * test_json.c - the JSON of one line: the fast parser and the scanner for what
 * it refuses
 */
#include "input/json.h"
#include "support.h"

#include <CUnit/CUnit.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define NAME(text)             \
    {                          \
        text, sizeof(text) - 1 \
    }

static const struct wcp_json_name names[] = { NAME("text"), NAME("id"),
                                              NAME("a.b"), NAME("a.b.c") };
enum { NUM_NAMES = 4 };

/* Parse a copy that ends right before its padding, and that before an unmapped
 * page. */
static enum wcp_json_status
parse(struct wcp_json *json, const char *line, size_t len,
      struct wcp_json_value *values)
{
    uint8_t *copy = test_guarded(len + WCP_JSON_PADDING);
    enum wcp_json_status status;

    memcpy(copy, line, len);
    memset(copy + len, 'x', WCP_JSON_PADDING);
    status =
        wcp_json_parse(json, (const char *)copy, len, names, NUM_NAMES, values);
    test_guarded_free(copy, len + WCP_JSON_PADDING);
    return status;
}

/* What names[which] has in 'line'; "-" for none. */
static void
expect_value(const char *line, unsigned which, const char *want)
{
    struct wcp_json *json = wcp_json_new();
    struct wcp_json_value values[NUM_NAMES];
    char got[100] = "-";

    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    CU_ASSERT_EQUAL(parse(json, line, strlen(line), values), WCP_JSON_OK);
    if (values[which].kind == WCP_JSON_DOUBLE)
        CU_ASSERT_TRUE(
            wcp_json_number_text(line, strlen(line), &values[which]));
    if (values[which].data != NULL)
        snprintf(got, sizeof got, "%.*s", (int)values[which].len,
                 values[which].data);
    if (strcmp(got, want) != 0)
        printf("\n    %s: got %s, want %s", line, got, want);
    CU_ASSERT_STRING_EQUAL(got, want);
    wcp_json_free(json);
}

static void
test_values(void)
{
    expect_value("{\"text\":\"x\"}", 0, "x");
    expect_value("{\"te\\u0078t\":\"x\\n\\\"\\u4e2d\"}", 0, "x\n\"中");
    expect_value("{\"text\":\"one\",\"text\":\"two\"}", 0, "one");
    expect_value("{\"text\":null,\"text\":\"two\"}", 0, "-");
    expect_value("{}", 0, "-");
    expect_value("{\"text\":true}", 0, "-");
    expect_value("{\"text\":[\"x\"]}", 0, "-");
    expect_value("{\"x\":{\"text\":\"no\"}}", 0, "-");
    expect_value("{\"id\":0}", 1, "0");
    expect_value("{\"id\":-9223372036854775808}", 1, "-9223372036854775808");
    expect_value("{\"id\":18446744073709551615}", 1, "18446744073709551615");
    expect_value("{\"x\":[{},\"}{\\\"\"], \"id\" : 1.10 }", 1, "1.10");
    expect_value("{\"id\":1e2}", 1, "1e2");
}

static void
test_dotted(void)
{
    expect_value("{\"a\":{\"b\":\"in\"}}", 2, "in");
    expect_value("{\"a\":{\"b\":\"in\"},\"a.b\":\"own\"}", 2, "own");
    expect_value("{\"a\":{\"x\":1}}", 2, "-");
    expect_value("{\"a\":\"b\"}", 2, "-");
    expect_value("{\"a\":{\"b\":{\"c\":\"deep\"}}}", 3, "deep");
    expect_value("{\"a.b\":{\"c\":\"half\"},\"a\":{\"b\":{\"c\":\"deep\"}}}", 3,
                 "half");
    expect_value("{\"a\":{\"b.c\":\"late\"}}", 3, "late");
    expect_value("{\"a\":{\"x\":[1,2],\"b\":2.50}}", 2, "2.50");
}

static void
expect_flaw(const char *line, const char *reason, size_t at)
{
    struct wcp_json_flaw flaw = { 0 };
    bool ok = wcp_json_check(line, strlen(line), &flaw);

    if (ok || strcmp(flaw.reason, reason) != 0 || flaw.at != at)
        printf("\n    %s: %s at %zu", line, ok ? "accepted" : flaw.reason,
               flaw.at);
    CU_ASSERT_FALSE(ok);
    if (!ok) {
        CU_ASSERT_STRING_EQUAL(flaw.reason, reason);
        CU_ASSERT_EQUAL(flaw.at, at);
    }
}

static void
test_flaws(void)
{
    expect_flaw("{\"a\" 1}", "':' is missing", 5);
    expect_flaw("{\"a\":1 \"b\":2}", "',' or '}' is missing", 7);
    expect_flaw("[1 2]", "',' or ']' is missing", 3);
    expect_flaw("{\"a\":}", "a value is missing", 5);
    expect_flaw("{a:1}", "a name in quotes is missing", 1);
    expect_flaw("{\"a\":1,}", "a name in quotes is missing", 7);
    expect_flaw("{\"a\":\"\\x\"}", "unknown escape in a string", 7);
    expect_flaw("{\"a\":\"\\u12G4\"}", "\\u without four hexadecimal digits",
                10);
    expect_flaw("{\"a\":\"\t\"}", "control character in a string", 6);
    expect_flaw("{\"a\":tru}", "unknown word", 8);
    expect_flaw("{\"a\":-x}", "malformed number", 6);
    expect_flaw("{\"a\":1.x}", "malformed number", 7);
    expect_flaw("{} x", "something follows the value", 3);
    expect_flaw("{\"a\":\"x", "the line ends too early", 7);
    expect_flaw("{\"a\":[1,", "the line ends too early", 8);
    expect_flaw("", "the line ends too early", 0);
}

static void
test_surrogates(void)
{
    static const struct {
        const char *line, *replaced, *dropped;
        uint64_t num;
    } cases[] = {
        { "\\ud83d\\ude00", "\\ud83d\\ude00", "\\ud83d\\ude00", 0 },
        { "a\\ud83db", "a\\uFFFDb", "ab", 1 },
        { "\\ude00", "\\uFFFD", "", 1 },
        { "\\ud83d\\ud83d\\ude00", "\\uFFFD\\ud83d\\ude00", "\\ud83d\\ude00",
          1 },
        { "\\ude00\\ud83d", "\\uFFFD\\uFFFD", "", 2 },
        { "\\ud83d\\u0041", "\\uFFFD\\u0041", "\\u0041", 1 },
        { "\\\\ud83d", "\\\\ud83d", "\\\\ud83d", 0 },
        { "\\\\\\ud83d", "\\\\\\uFFFD", "\\\\", 1 },
        { "\\ud83", "\\ud83", "\\ud83", 0 },
        { "\\", "\\", "\\", 0 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int drop = 0; drop < 2; drop++) {
            const char *want = drop ? cases[i].dropped : cases[i].replaced;
            size_t len = strlen(cases[i].line), first = 0;
            uint8_t *line = test_guarded(len);
            uint64_t num;

            memcpy(line, cases[i].line, len);
            num =
                wcp_json_mend_surrogates((char *)line, &len, drop != 0, &first);
            CU_ASSERT_EQUAL(num, cases[i].num);
            CU_ASSERT_EQUAL(len, strlen(want));
            CU_ASSERT_EQUAL(memcmp(line, want, len), 0);
            test_guarded_free(line, strlen(cases[i].line));
        }
}

static void
test_numbers(void)
{
    char line[] = "{\"1\":-1e999,\"b\\\"2\":[12,3.5],\"c\":\"7\"}";

    wcp_json_mend_numbers(line, strlen(line));
    CU_ASSERT_STRING_EQUAL(line,
                           "{\"1\":0     ,\"b\\\"2\":[0 ,0  ],\"c\":\"7\"}");
}

/* A mutated object: both must say the same, but for what the scanner takes on
 * trust. */
static void
test_agreement(void)
{
    static const char seed_line[] =
        "{\"id\":\"a1\",\"n\":[1,-2.5e3,null,true,{}],\"text\":\"x\\n\\\\y\"}";
    static const char alphabet[] = "{}[]\",:\\ 019-.eEtfnulrasx\n\t";
    struct wcp_json *json = wcp_json_new();
    struct wcp_json_value values[NUM_NAMES];
    struct test_rng rng = { test_seed() };
    unsigned num_good = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    for (int round = 0; round < 50000; round++) {
        char line[sizeof seed_line];
        size_t len = sizeof seed_line - 1;
        struct wcp_json_flaw flaw = { 0 };
        bool fast, slow;

        memcpy(line, seed_line, sizeof line);
        for (uint64_t i = test_below(&rng, 4); i > 0; i--)
            line[test_below(&rng, len)] =
                alphabet[test_below(&rng, sizeof alphabet - 1)];
        if (round % 3 == 0)
            len -= (size_t)test_below(&rng, len);
        fast = parse(json, line, len, values) != WCP_JSON_REFUSED;
        slow = wcp_json_check(line, len, &flaw);
        num_good += slow;
        if (slow && !fast) { /* a number beyond what the parser can hold? */
            wcp_json_mend_numbers(line, len);
            fast = parse(json, line, len, values) != WCP_JSON_REFUSED;
        }
        if (fast != slow) {
            printf("\n    %.*s: parser %d, scanner %d", (int)len, line, fast,
                   slow);
            CU_FAIL("the parser and the scanner disagree");
            break;
        }
        if (!slow)
            CU_ASSERT_TRUE(flaw.at <= len);
    }
    CU_ASSERT_TRUE(num_good > 1000);
    wcp_json_free(json);
}

static void
test_depth(void)
{
    struct wcp_json *json = wcp_json_new();
    struct wcp_json_value values[NUM_NAMES];
    static char line[3000];

    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    for (size_t depth = 1; depth<1100; depth += depth> 1000 ? 1 : 111) {
        struct wcp_json_flaw flaw = { 0 };

        memset(line, '[', depth);
        memset(line + depth, ']', depth);
        if ((parse(json, line, 2 * depth, values) != WCP_JSON_REFUSED) !=
            wcp_json_check(line, 2 * depth, &flaw)) {
            printf("\n    they disagree at depth %zu", depth);
            CU_FAIL("depth");
        }
    }
    wcp_json_free(json);
}

/* ---- jsontestsuite ---- */

static char *
read_file(const char *dir, const char *name, size_t *len_ret)
{
    static char data[1 << 20];
    char path[1500];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    *len_ret = fread(data, 1, sizeof data, file);
    fclose(file);
    return data;
}

static void
check_suite_file(struct wcp_json *json, const char *name, const char *data,
                 size_t len)
{
    struct wcp_json_value values[NUM_NAMES];
    struct wcp_json_flaw flaw = { 0 };
    bool fast = parse(json, data, len, values) != WCP_JSON_REFUSED;
    bool slow = wcp_json_check(data, len, &flaw);

    if (name[0] == 'y') {
        if (!fast || !slow)
            printf("\n    %s refused", name);
        CU_ASSERT_TRUE(fast && slow);
    }
    /* What is bad UTF-8 only, the scanner lets pass. */
    if (name[0] == 'n' && fast) {
        printf("\n    %s accepted", name);
        CU_FAIL("accepted");
    }
    if (name[0] == 'n' && slow && strstr(name, "utf8") == NULL &&
        strstr(name, "utf-8") == NULL) {
        printf("\n    %s accepted by the scanner", name);
        CU_FAIL("accepted");
    }
}

static void
test_suite_files(void)
{
    const char *shared = test_shared();
    char dir[1000];
    struct wcp_json *json;
    struct dirent *item;
    unsigned num = 0;
    DIR *stream;

    if (shared == NULL) {
        printf("SKIPPED: no shared data ");
        return;
    }
    snprintf(dir, sizeof dir, "%s/jsontestsuite/test_parsing", shared);
    stream = opendir(dir);
    json = wcp_json_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    while ((item = readdir(stream)) != NULL) {
        size_t len;
        char *data = read_file(dir, item->d_name, &len);

        if (item->d_name[0] == '.' || data == NULL)
            continue;
        check_suite_file(json, item->d_name, data, len);
        num++;
    }
    CU_ASSERT_TRUE(num > 300);
    closedir(stream);
    wcp_json_free(json);
}

void suite_json(void);

void
suite_json(void)
{
    CU_pSuite suite = CU_add_suite("json", NULL, NULL);

    CU_add_test(suite, "values", test_values);
    CU_add_test(suite, "dotted names", test_dotted);
    CU_add_test(suite, "flaws have a place", test_flaws);
    CU_add_test(suite, "lone surrogates", test_surrogates);
    CU_add_test(suite, "numbers", test_numbers);
    CU_add_test(suite, "parser and scanner agree", test_agreement);
    CU_add_test(suite, "depth", test_depth);
    CU_add_test(suite, "jsontestsuite", test_suite_files);
}
