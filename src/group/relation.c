/*
 * relation.c - the verdict on a copy: what it is to its original
 */
#include "group/relation.h"

static double
share(uint32_t common, uint32_t size)
{
    return size > 0 ? (double)common / size : 0;
}

enum wcp_relation_kind
wcp_relation(const struct wcp_relation_evidence *evidence)
{
    const struct wcp_overlap *overlap = &evidence->overlap;
    double covers = share(overlap->common, overlap->size_b);
    double covered = share(overlap->common, overlap->size_a);

    if (evidence->same_text)
        return WCP_REL_IDENTICAL;
    if (covers < evidence->threshold && covered < evidence->threshold)
        return WCP_REL_EXCERPT;
    if (covers < evidence->threshold)
        return WCP_REL_ABRIDGED;
    if (covered >= evidence->threshold)
        return WCP_REL_REPRINT;
    return evidence->num_other_stories > 0 ? WCP_REL_EMBEDDED
                                           : WCP_REL_EXPANDED;
}

enum wcp_relation_kind
wcp_relate(bool same_text, double covers, double covered, double threshold)
{
    if (same_text)
        return WCP_REL_IDENTICAL;
    if (covered >= threshold && covers < threshold)
        return WCP_REL_ABRIDGED;
    if (covers >= threshold && covered < threshold)
        return WCP_REL_EXPANDED;
    return WCP_REL_REPRINT;
}

const char *
wcp_relation_name(enum wcp_relation_kind relation)
{
    switch (relation) {
    case WCP_REL_ORIGINAL:
        return "original";
    case WCP_REL_IDENTICAL:
        return "identical";
    case WCP_REL_REPRINT:
        return "reprint";
    case WCP_REL_ABRIDGED:
        return "abridged";
    case WCP_REL_EXPANDED:
        return "expanded";
    case WCP_REL_EMBEDDED:
        return "embedded";
    case WCP_REL_EXCERPT:
        return "excerpt";
    case WCP_REL_TEMPLATE:
        return "template";
    case WCP_REL_BOILERPLATE:
        return "boilerplate";
    case WCP_REL_NUM_KINDS:
        break;
    }
    return "unknown";
}
