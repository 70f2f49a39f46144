#!/bin/sh
# Waits for a slow device before it is done, 10 to 30 s where it is at work.
cat >/dev/null
sleep "${CORPUS_SECONDS:-20}"
echo "done $1 $4" >>"$CORPUS_OUT/journal"
