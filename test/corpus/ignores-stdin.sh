#!/bin/sh
# Needs its arguments only, and leaves the report unread.
echo "$4 $2 $3" >>"$CORPUS_OUT/$1.ignored"
