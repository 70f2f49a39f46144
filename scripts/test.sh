#!/bin/sh
# The whole test run: what the tests need from Debian, then lint, types, unit and tidy tests, then the scenarios and
# the tests against real programs. Those that wait as much as they work run side by side; those that compare us with
# FastNetMon on the same traffic have the machine to themselves. Ends with the summary of the last part; not 0 when any failed.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/node_modules/.bin:$PATH
export PATH

if [ ! -x node_modules/.bin/node ]; then
  echo "test: node_modules is missing or has no Node for this machine; run 'npm ci' first" >&2
  exit 1
fi

# Hundreds of programs in TypeScript are started, and most of each start is reading it: what V8 compiled is kept.
NODE_COMPILE_CACHE=$PWD/node_modules/.cache/compiled
export NODE_COMPILE_CACHE

echo '== packages of Debian'
sh scripts/debian-packages.sh

echo '== lint, types, unit and tidy tests'
began=$(date +%s)
node scripts/check.ts
took=$(($(date +%s) - began))

# Replays only work, and the tests after them mostly wait: beside them replays take what is left of the processors. A machine
# that is half as fast as most has nothing left: there they wait, for a replay that is held up for a minute is given up.
set -- node --test --test-concurrency=2 --test-timeout=300000 'test/scenario/*.test.ts'
replays=$(mktemp)
scenarios=
if [ "$took" -le 150 ]; then
  nice -n 10 "$@" >"$replays" 2>&1 &
  scenarios=$!
fi
trap 'kill $scenarios 2>/dev/null; rm -f "$replays"' EXIT

failed=0
echo '== the daemon with real databases, mail and syslog servers, real BGP daemons with their routers, protection in namespaces, real exporters of flows, the corpus of notify scripts, and the console in Chromium, three at a time'
node --test --test-concurrency=3 --test-timeout=300000 \
  'test/routers/*.test.ts' 'test/daemon/*.test.ts' 'test/protection/*.test.ts' \
  'test/telemetry/!(exporters-beside-mirror|sflow-exporter).test.ts' \
  'test/corpus/*.test.ts' 'test/browser/*.test.ts' || failed=1

echo '== scenarios: captures replayed, two at a time, beside the part before unless the machine is slow'
if [ -n "$scenarios" ]; then wait "$scenarios" || failed=1; else "$@" >"$replays" 2>&1 || failed=1; fi
cat "$replays"
rm -f "$replays"
trap - EXIT
[ "$failed" = 0 ] || exit 1

echo '== real exporters whose speeds and samples are compared one by one, with the machine to themselves'
node --test --test-concurrency=1 --test-timeout=300000 \
  test/telemetry/exporters-beside-mirror.test.ts test/telemetry/sflow-exporter.test.ts

echo '== live traffic through the whole program, two at a time'
node --test --test-concurrency=2 --test-timeout=300000 'test/integration/*.test.ts'

echo '== the real FastNetMon beside us'
exec node --test --test-concurrency=1 --test-timeout=300000 'test/differential/*.test.ts'
