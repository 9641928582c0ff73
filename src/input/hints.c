/*
 * hints.c - the encoding that most files of a directory have
 *
 * A short text in a legacy encoding says little about which one it is; its
 * neighbours say more.  The first 32 sources of the directory vote, ASCII
 * files abstaining.  Which files these are does not depend on threads, and
 * they are read only when a file that is not UTF-8 asks, once for each
 * directory.
 */
#include "input/reader.h"

#include <unistd.h>

enum { NUM_VOTERS = 32, VOTER_BYTES = 1 << 16 };

static bool
is_ascii(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (data[i] >= 0x80)
            return false;
    return true;
}

/* What the source's first bytes say, AUTO to abstain. */
static wcp_encoding
vote(struct wcp_worker *worker, const struct wcp_source *source)
{
    struct wcp_buffer *sample = &worker->sample;
    enum wcp_enc_reason reason;
    wcp_encoding enc;
    size_t len;
    int fd;

    if (source->named_packed || source->once || source->path == NULL ||
        wcp_source_open(source, &fd, NULL) != WCP_CODE_OK)
        return WCP_ENC_AUTO;
    sample->len = 0;
    if (wcp_input_read(sample, fd, VOTER_BYTES, 0, NULL) != WCP_CODE_OK)
        sample->len = 0;
    close(fd);
    len = sample->len;
    if (len == VOTER_BYTES)
        len = wcp_sample_cut(sample->data, len);
    if (len == 0 || is_ascii(sample->data, len) ||
        wcp_looks_binary(sample->data, len))
        return WCP_ENC_AUTO;
    enc = wcp_detect(worker->decoder, sample->data, len, WCP_ENC_AUTO, &reason);
    return reason == WCP_ENC_NONE ? WCP_ENC_AUTO : enc;
}

static wcp_encoding
count_votes(struct wcp_worker *worker, uint32_t index)
{
    const struct wcp_reader *reader = worker->reader;
    const struct wcp_dir *dir = &reader->dirs.at[index];
    unsigned votes[256] = { 0 }, num_votes = 0, num_voters = 0;

    for (uint32_t i = dir->first; i <= dir->last && num_voters < NUM_VOTERS;
         i++) {
        wcp_encoding enc;

        if (reader->sources.at[i].dir != index)
            continue;
        num_voters++;
        enc = vote(worker, &reader->sources.at[i]);
        if (enc != WCP_ENC_AUTO) {
            votes[enc]++;
            num_votes++;
        }
    }
    for (unsigned enc = 0; enc < 256; enc++)
        if (votes[enc] * 2 > num_votes)
            return (wcp_encoding)enc;
    return WCP_ENC_AUTO;
}

wcp_encoding
wcp_directory_hint(struct wcp_worker *worker, uint32_t source)
{
    struct wcp_reader *reader = worker->reader;
    uint32_t index = reader->sources.at[source].dir;
    struct wcp_dir *dir;
    wcp_encoding hint;

    if (index == UINT32_MAX)
        return WCP_ENC_AUTO;
    dir = &reader->dirs.at[index];
    /* What stands alone would only be asked about itself. */
    if (dir->first == dir->last)
        return WCP_ENC_AUTO;
    pthread_mutex_lock(&reader->hint_turn);
    if (!dir->known) {
        dir->hint = count_votes(worker, index);
        dir->known = true;
    }
    hint = dir->hint;
    pthread_mutex_unlock(&reader->hint_turn);
    return hint;
}
