/*
 * header.c - the public header stands alone, in C and in C++
 */
#include "wirecopy.h"

#include "wirecopy.h"

int
main(void)
{
    struct wcp_options opts;

    wcp_options_init(&opts, sizeof opts);
    return opts.struct_size == sizeof opts ? 0 : 1;
}
