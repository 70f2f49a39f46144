import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_EXPORTERS } from '#api/contract/examples.ts'
import type { TelemetryListener } from '#api/contract/exporters.ts'
import { type NetworkTexts, networkReading } from '#lib/linux/network-reading.ts'
import { configWith } from '../engine-for-tests.ts'
import { ARRIVAL_CAUSES } from './doctor-arrival.ts'
import type { Arrival } from './doctor-cause.ts'

const CONFIG = configWith({ telemetry: { listen: ['0.0.0.0:2055'] } })

interface Kernel {
  readonly noPorts?: number
  readonly noPorts6?: number
  readonly drops?: number | undefined
  /** Ports of sockets. */
  readonly udp?: readonly number[]
  readonly reversePath?: NetworkTexts['reversePath']
}

function reading({ noPorts = 7, noPorts6 = 0, drops = 0, udp = [2055], reversePath = {} }: Kernel) {
  const sockets = udp.map(port => {
    const hex = port.toString(16).toUpperCase().padStart(4, '0')
    return ` 1: 00000000:${hex} 00000000:0000 07 00000000:00000000\n`
  })
  return networkReading({
    snmp: `Udp: InDatagrams NoPorts\nUdp: 5 ${noPorts}\n`,
    snmp6: `Udp6NoPorts ${noPorts6}\n`,
    netstat: `TcpExt: A IPReversePathFilter\nTcpExt: 1 ${drops}\n`,
    udp: `sl local_address\n${sockets.join('')}`,
    udp6: '',
    reversePath,
  })
}

const [HEARD] = EXAMPLE_EXPORTERS.listeners
assert.ok(HEARD)
const SILENT: TelemetryListener = { ...HEARD, datagrams: 0 }

/** What the causes say of listeners as they were earlier and are later, and of the kernel at the same moments. */
function said(
  earlier: Kernel,
  later: Kernel,
  listeners: readonly TelemetryListener[] = [SILENT],
  earlierListeners = listeners,
) {
  const arrival: Arrival = {
    ...{ seconds: 1, earlier: reading(earlier), later: reading(later), earlierListeners },
  }
  const exporters = { ...EXAMPLE_EXPORTERS, listeners: [...listeners] }
  return ARRIVAL_CAUSES.flatMap(cause => cause({ config: CONFIG, exporters, nowMs: 0, arrival })).map(
    ({ detail, remedy }) => `${detail} / ${remedy}`,
  )
}

test('datagrams to ports that nobody listens on are told while nothing comes to ours', () => {
  const found = said({ noPorts: 330, noPorts6: 8 }, { noPorts: 340, noPorts6: 10 })

  assert.equal(found.length, 1)
  assert.match(found[0] ?? '', /^12 datagrams came in 1 s to UDP ports .* none to port 2055 .*: 350\) \/ /)
  assert.match(found[0] ?? '', /have it send to port 2055, .*tcpdump -ni any 'icmp\[0\] = 3/)
})

test('they are told of a port that never heard anything although another one does', () => {
  const sflow = { ...SILENT, listen: '0.0.0.0:6343' }

  const [found] = said({ noPorts: 0 }, { noPorts: 1, udp: [2055, 6343] }, [HEARD, sflow])

  assert.match(found ?? '', /^1 datagrams came .* none to port 6343 .*have it send to port 2055, port 6343/)
})

test('they are told when an exporter that was heard sends to another port now, but not for a few', () => {
  assert.equal(said({ noPorts: 0 }, { noPorts: 5 }, [HEARD]).length, 1)
  assert.deepEqual(said({ noPorts: 0 }, { noPorts: 4 }, [HEARD]), [])
})

test('while datagrams come to our ports, stray ones to others are no trouble', () => {
  const earlier = { ...HEARD, datagrams: HEARD.datagrams - 3 }

  assert.deepEqual(said({ noPorts: 0, drops: 0 }, { noPorts: 900, drops: 900 }, [HEARD], [earlier]), [])
})

test('workers that share a port are heard together', () => {
  const workers = [
    { ...HEARD, worker: 0 },
    { ...SILENT, worker: 1 },
  ]

  assert.deepEqual(said({ noPorts: 0 }, { noPorts: 3, udp: [2055, 2055] }, workers), [])
})

test('packets that rp_filter drops while nothing comes are told with where it is set', () => {
  const reversePath = { all: '0', eth0: '1', eth1: '2', eth2: '0' }

  const found = said({ drops: 20 }, { drops: 1234, reversePath })

  assert.equal(found.length, 1)
  assert.match(
    found[0] ?? '',
    /^rp_filter drops what comes in \(eth0 strict, eth1 loose\): 1,214 packets in 1 s, 1,234 in all \(IPReversePathFilter\), while none comes to port 2055 \/ /,
  )
  assert.match(found[0] ?? '', /sysctl -w net\.ipv4\.conf\.all\.rp_filter=2/)
})

test('where rp_filter is loose already, a route to the exporter is missing', () => {
  const [found] = said({ drops: 0 }, { drops: 9, reversePath: { all: '2', eth0: '1' } })

  assert.match(found ?? '', /\(eth0 loose\).*add a route to it$/)
})

test('a strict rp_filter is suspected while nothing comes, unless it has never dropped anything', () => {
  const reversePath = { all: '1', eth0: '0' }

  const [suspected] = said({ drops: 40 }, { drops: 40, reversePath })

  assert.match(
    suspected ?? '',
    /^rp_filter is strict on eth0 and it has dropped 40, while none comes to port/,
  )
  assert.deepEqual(said({ drops: 0 }, { drops: 0, reversePath }), [])
  assert.deepEqual(said({ drops: 40 }, { drops: 40, reversePath: { all: '2', eth0: '1' } }), [])
  assert.deepEqual(said({ drops: 40 }, { drops: 40, reversePath }, [HEARD]), [])
})

test('counters of another network namespace are not believed', () => {
  const found = said({ noPorts: 0 }, { noPorts: 50, drops: 50, udp: [53] })

  assert.equal(found.length, 1)
  assert.match(found[0] ?? '', /^nobody has port 2055 here.* \/ .*nsenter -n/)
})

test('another program with the same port is told', () => {
  const [found] = said({}, { udp: [2055, 53, 2055] }, [HEARD])

  assert.match(found ?? '', /^another program .* port 2055 has 2 sockets, 1 of them ours \/ ss -lunp/)
})

test('TCP has no ports of UDP, and a place that cannot be opened is not silent', () => {
  const tcp: TelemetryListener = { ...SILENT, listen: 'tcp 0.0.0.0:4739', receiver: 'tcp' }

  assert.deepEqual(said({ noPorts: 0 }, { noPorts: 50 }, [tcp]), [])
  assert.deepEqual(said({ noPorts: 0 }, { noPorts: 50 }, [{ ...SILENT, receiver: 'none' }]), [])
})
