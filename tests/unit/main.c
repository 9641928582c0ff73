/*
 * main.c - runs the suites named on the command line, or all of them
 *
 * suites.h is generated from the names test_<suite>.c, so that a suite that
 * exists cannot be forgotten here.  Each suite is run on its own, because
 * CUnit starts its counts anew for each run; a named suite that does not
 * exist, or that ran no test, is a failure.
 */
#include "support.h"

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define SUITE(name) void suite_##name(void);
#include "suites.h"
#undef SUITE

static const struct {
    const char *name;
    void (*add)(void);
} suites[] = {
#define SUITE(name) { #name, suite_##name },
#include "suites.h"
#undef SUITE
};

static bool
run_suite(const char *name)
{
    CU_pSuite suite = CU_get_suite(name);

    if (!suite) {
        fprintf(stderr, "there is no suite '%s'\n", name);
        return false;
    }
    if (CU_basic_run_suite(suite) != CUE_SUCCESS)
        return false;
    if (CU_get_number_of_tests_run() == 0) {
        fprintf(stderr, "suite '%s' ran no test\n", name);
        return false;
    }
    return CU_get_number_of_failures() == 0 &&
           CU_get_number_of_tests_failed() == 0;
}

int
main(int argc, char **argv)
{
    const size_t num_suites = sizeof suites / sizeof suites[0];
    bool good = true;

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("WCP_TEST_SEED=%" PRIu64 "\n", test_seed());
    if (CU_initialize_registry() != CUE_SUCCESS)
        return EXIT_FAILURE;
    for (size_t i = 0; i < num_suites; i++)
        suites[i].add();
    CU_basic_set_mode(CU_BRM_NORMAL);
    if (argc > 1) {
        for (int i = 1; i < argc; i++)
            good &= run_suite(argv[i]);
    } else {
        for (size_t i = 0; i < num_suites; i++)
            good &= run_suite(suites[i].name);
    }
    CU_cleanup_registry();
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
