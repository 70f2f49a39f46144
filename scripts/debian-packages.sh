#!/bin/sh
# Installs from Debian the programs that tests talk to, and starts none of them.
#
# It lists what is missing first. Without root, or elsewhere than on Debian, it only says so: the tests that need a
# missing program skip aloud. Under CI=true a missing program is a failure.
set -eu
PATH=$PATH:/usr/sbin:/sbin

# command:package
needed='
ip:iproute2
ethtool:ethtool
ps:procps
python3:python3
perl:perl
fastnetmon:fastnetmon
tshark:tshark
logrotate:logrotate
openssl:openssl
rsyslogd:rsyslog
tcpreplay:tcpreplay
tcpdump:tcpdump
hping3:hping3
gobgpd:gobgpd
exabgp:exabgp
bird:bird2
vtysh:frr
nft:nftables
faketime:faketime
pg_ctlcluster:postgresql
redis-server:redis-server
influxd:influxdb
clickhouse-server:clickhouse-server
prometheus:prometheus
prometheus-alertmanager:prometheus-alertmanager
carbon-cache:graphite-carbon
pmacctd:pmacct
softflowd:softflowd
nfcapd:nfdump
sfcapd:nfdump-sflow
ovs-vswitchd:openvswitch-switch
curl:curl
dash:dash
busybox:busybox
dnsperf:dnsperf
unbound:unbound
tc:iproute2
shellcheck:shellcheck
chromium:chromium
'
policy=/usr/sbin/policy-rc.d
policy_before=$policy.before-floodwarden

missing_packages() {
  for pair in $needed; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || printf '%s ' "${pair#*:}"
  done
}

give_up() {
  echo "packages: $1; missing: $missing" >&2
  if [ "${CI:-}" = true ]; then exit 1; fi
  echo 'packages: tests that need them are skipped' >&2
  exit 0
}

# While packages are installed no service may start. What stood there before comes back afterwards.
forbid_services() {
  trap allow_services EXIT
  trap 'exit 1' HUP INT TERM
  if [ -e "$policy" ] && [ ! -e "$policy_before" ]; then mv "$policy" "$policy_before"; fi
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
}

allow_services() {
  rm -f "$policy"
  if [ -e "$policy_before" ]; then mv "$policy_before" "$policy"; fi
}

install_missing() {
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086 # a list of package names
  apt-get install -y -qq --no-install-recommends $missing ||
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; }
}

# The services that these packages bring: many are called otherwise than their package.
services_of() {
  for package in "$@"; do
    dpkg -L "$package" 2>/dev/null | sed -n 's|.*/lib/systemd/system/\([^/@]*\.service\)$|\1|p'
  done
}

missing=$(missing_packages)
if [ -z "$missing" ]; then
  echo 'packages: nothing is missing'
  exit 0
fi
[ -e /etc/debian_version ] || give_up 'this is not Debian'
[ "$(id -u)" = 0 ] || give_up 'installing needs root'

echo "packages: installing $missing(no service is started)"
forbid_services
install_missing </dev/null >/dev/null || give_up 'apt-get failed'

# Their packages enable services for the next boot; the tests start their own. PostgreSQL's service is that of a package
# which comes with it.
case $missing in *postgresql*) missing="$missing postgresql-common" ;; esac
# shellcheck disable=SC2086
for service in $(services_of $missing); do
  systemctl disable --quiet "$service" 2>/dev/null || true
done

missing=$(missing_packages)
[ -z "$missing" ] || give_up 'still not there after the installation'
