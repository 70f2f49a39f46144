#!/bin/sh
# Reads the report line by line; a line that no pattern knows is an error. Only what POSIX has.
unknown() {
  echo "unknown line: [$1]" >&2
  exit 65
}

case $# in 4) ;; *) echo "expected 4 arguments, got $#" >&2 && exit 64 ;; esac
case $2 in incoming | outgoing | other) ;; *) echo "unknown direction $2" >&2 && exit 64 ;; esac
case $3 in '' | *[!0-9]*) echo "power is no number: $3" >&2 && exit 64 ;; esac
case $4 in ban | attack_details) ;; unban) exit 0 ;; *) echo "unknown action $4" >&2 && exit 64 ;; esac

address='[0-9a-f.:]{3,39}'
endpoint="(${address}|\\[${address}\\]):[0-9]{1,5}"
patterns="^IP: ${address}\$
^Attack type: (syn_flood|udp_flood|icmp_flood|ip_fragmentation|unknown)\$
^(Initial|Peak) attack power: [0-9]+ packets per second\$
^Attack direction: (incoming|outgoing|other)\$
^Attack protocol: (tcp|udp|icmp|unknown)\$
^(Total|Average) (incoming|outgoing) traffic: [0-9]+ mbps\$
^(Total|Average) (incoming|outgoing) pps: [0-9]+ packets per second\$
^(Total|Average) (incoming|outgoing) flows: [0-9]+ flows per second\$
^(Incoming|Outgoing) (ip fragmented|tcp|syn tcp|udp|icmp) traffic: [0-9]+ mbps\$
^(Incoming|Outgoing) (ip fragmented|tcp|syn tcp|udp|icmp) pps: [0-9]+ packets per second\$
^\$
^Average packet size for (incoming|outgoing) traffic: [0-9]+\\.[0-9] bytes \$
^(Incoming|Outgoing)\$
^(TCP|UDP) flows: [0-9]+\$
^${endpoint} [<>] ${endpoint} [0-9]+ bytes [0-9]+ packets\$
^Flows have cropped due to very long list\\.\$
^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6} ${endpoint} > ${endpoint} protocol: [a-z0-9-]+ (flags: [a-z,-]+ )?frag: [01]  packets: 1 size: [0-9]+ bytes ttl: [0-9]+ sample ratio: [0-9]+  \$
^manually triggered attack\$"

rest=$(grep -n -v -E -e "$patterns")
[ -z "$rest" ] || unknown "$rest"
