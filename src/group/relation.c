/*
 * relation.c - the verdict on a copy: what it is to its original
 */
#include "group/group.h"

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
    case WCP_REL_NUM_KINDS:
        break;
    }
    return "unknown";
}
