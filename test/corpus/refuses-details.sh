#!/bin/sh
# Knows ban and unban; everything else is refused, as scripts written for older versions do.
case $4 in
ban) cat >>"$CORPUS_OUT/$1.ban" ;;
unban) echo "unban $1" >>"$CORPUS_OUT/$1.unban" ;;
*)
  echo "unknown action $4" >&2
  exit 1
  ;;
esac
