/*
 * each.c - all documents of a reader one after another, on one thread
 *
 * Batches count lines from their own start, so that threads can work on them
 * in any order.  Here they come in order, and the lines of the batches before
 * are added.  A batch says only when it is done whether it began a source; but
 * whatever it delivers names its source, and a new one starts from line 1.
 */
#include "input/input.h"

struct each_view {
    const struct wcp_each *each;
    uint32_t source;
    uint64_t lines_before;
};

static uint64_t
absolute_line(struct each_view *view, uint32_t source, uint64_t line)
{
    if (source != view->source) {
        view->source = source;
        view->lines_before = 0;
    }
    return line > 0 ? line + view->lines_before : 0;
}

static bool
on_document(void *ctx, const struct wcp_document *doc)
{
    struct each_view *view = ctx;
    struct wcp_document copy = *doc;

    copy.at.line = absolute_line(view, doc->at.source, doc->at.line);
    return view->each->consumer.document(view->each->consumer.ctx, &copy);
}

static void
on_notice(void *ctx, const struct wcp_notice *notice)
{
    struct each_view *view = ctx;
    struct wcp_notice copy = *notice;

    if (notice->source != UINT32_MAX)
        copy.line = absolute_line(view, notice->source, notice->line);
    view->each->consumer.notice(view->each->consumer.ctx, &copy);
}

enum wcp_code
wcp_reader_each(struct wcp_reader *reader, const struct wcp_each *each,
                uint64_t *num_bytes_ret, struct wcp_fault *fault)
{
    struct each_view view = { .each = each, .source = UINT32_MAX };
    const struct wcp_consumer consumer = { on_document, on_notice, &view };
    struct wcp_worker *worker = NULL;
    struct wcp_batch_info info;
    uint64_t number, num_bytes = 0;
    enum wcp_code code = wcp_worker_new(reader, &worker, fault);

    while (code == WCP_CODE_OK && wcp_reader_next(reader, worker, &number)) {
        code = wcp_worker_process(worker, &consumer, &info, fault);
        if (code != WCP_CODE_OK)
            break;
        if (info.starts_source)
            view.lines_before = 0;
        view.source = info.source;
        view.lines_before += info.num_lines;
        num_bytes += info.num_bytes;
        if (each->go_on != NULL && !each->go_on(each->consumer.ctx))
            code = wcp_fail(fault, WCP_CODE_STOPPED, 0, "stopped");
    }
    wcp_worker_free(worker);
    *num_bytes_ret = num_bytes;
    return code;
}
