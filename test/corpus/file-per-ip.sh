#!/bin/sh
# Keeps each report in a file that is named after the host, and says in a journal what happened when.
set -eu
case $4 in
ban | attack_details)
  cat >"$CORPUS_OUT/$1.$4"
  [ -s "$CORPUS_OUT/$1.$4" ]
  ;;
unban) rm "$CORPUS_OUT/$1.ban" ;;
esac
echo "$4 $1 $2" >>"$CORPUS_OUT/journal"
