# Nothing was read at all: that is a failure.
wirecopy find no-such-file
