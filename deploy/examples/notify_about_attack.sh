#!/bin/sh
# Mails what happens to a host under attack. Copy to /usr/local/bin/notify_about_attack.sh and set MAIL_TO.
#
# It is called as: notify_about_attack.sh IP DIRECTION PACKETS_PER_SECOND ban|attack_details|unban
# A report stands on standard input for ban and attack_details; for unban there is none.
set -u

MAIL_TO=${MAIL_TO:-root}

if [ $# -ne 4 ]; then
  echo "usage: $0 IP incoming|outgoing|other PACKETS_PER_SECOND ban|attack_details|unban" >&2
  exit 2
fi
ip=$1
direction=$2
pps=$3
action=$4

# Sends standard input as a message with the subject $1, by whichever mailer is there.
send() {
  if command -v mail >/dev/null 2>&1; then
    mail -s "$1" "$MAIL_TO"
  elif [ -x /usr/sbin/sendmail ]; then
    { printf 'To: %s\nSubject: %s\nAuto-Submitted: auto-generated\n\n' "$MAIL_TO" "$1"; cat; } |
      /usr/sbin/sendmail -t -oi
  else
    echo 'neither mail nor /usr/sbin/sendmail is there: no message was sent' >&2
    return 1
  fi
}

case $action in
  ban)
    {
      printf 'Attack %s in hostgroup %s: ' "${FLOODWARDEN_ATTACK_ID:-?}" "${FLOODWARDEN_HOSTGROUP:-?}"
      printf '%s at %s per second, limit %s\n\n' \
        "${FLOODWARDEN_THRESHOLD:-by hand}" "${FLOODWARDEN_VALUE:-0}" "${FLOODWARDEN_LIMIT:-none}"
      cat
    } |
      send "Attack on $ip: $direction, $pps packets/s"
    ;;
  attack_details)
    send "Attack on $ip: details"
    ;;
  unban)
    echo "The attack on $ip is over." | send "Attack on $ip: over"
    ;;
  *)
    echo "$0: unknown action '$action'" >&2
    exit 2
    ;;
esac
