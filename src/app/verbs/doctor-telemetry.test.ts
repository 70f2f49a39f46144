import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_EXPORTERS } from '#api/contract/examples.ts'
import type {
  Exporter,
  ExporterDomain,
  Exporters,
  LookedRecords,
  TelemetryListener,
} from '#api/contract/exporters.ts'
import { freePort } from '../../../lab/free-port.ts'
import { configWith } from '../engine-for-tests.ts'
import { socketFindings, streamFindings, telemetryFindings } from './doctor-telemetry.ts'

const AT = '2026-11-20T10:11:49.533Z'
const NOW = Date.parse(AT) + 10_000
const CONFIG = configWith({ telemetry: { listen: ['0.0.0.0:2055'] } })

interface Changes {
  readonly listener?: Partial<TelemetryListener>
  readonly exporter?: Partial<Exporter>
  readonly domain?: Partial<ExporterDomain>
  readonly looked?: Partial<LookedRecords>
  readonly all?: Partial<Exporters>
}

/** An exporter with which all is well, but for what is changed. */
function findings({ listener = {}, exporter = {}, domain = {}, looked = {}, all = {} }: Changes = {}) {
  const [well] = EXAMPLE_EXPORTERS.exporters
  const [one] = well?.domains ?? []
  assert.ok(well && one && EXAMPLE_EXPORTERS.listeners[0])
  const domains = [
    { ...one, lostDatagrams: 0, lostRecords: 0, activeTimeoutSeconds: 10, longestSeconds: 10.2, ...domain },
  ]
  const exporters: Exporters = {
    ...EXAMPLE_EXPORTERS,
    ...{ refused: [], refusedDatagrams: 0 },
    listeners: [{ ...EXAMPLE_EXPORTERS.listeners[0], ...listener }],
    exporters: [
      {
        ...well,
        lastSeen: AT,
        lostDatagrams: 0,
        domains,
        looked: { ...well.looked, ...looked },
        ...exporter,
      },
    ],
    ...all,
  }
  return telemetryFindings({ config: CONFIG, exporters, nowMs: NOW })
}

const CAUSES: readonly [
  name: string,
  changes: Changes,
  verdict: 'warning' | 'bad',
  evidence: RegExp,
  fix: RegExp,
][] = [
  [
    'a port that cannot be opened',
    { listener: { receiver: 'none', problem: 'cannot receive on 0.0.0.0:2055: bind: Address in use' } },
    ...(['bad', /^cannot receive on 0\.0\.0\.0:2055/, /free the port/] as const),
  ],
  [
    'a queue that is too small',
    { listener: { queueBytes: 212_992 } },
    ...(['warning', /0\.0\.0\.0:2055 has 208 KiB/, /net\.core\.rmem_max=33554432/] as const),
  ],
  [
    'a queue that ran full',
    { listener: { dropped: 500, datagrams: 9500 } },
    ...(['bad', /500 of 10,000 on 0\.0\.0\.0:2055/, /receiveMegabytes, then telemetry\.workers/] as const),
  ],
  [
    'nothing that arrives',
    { listener: { datagrams: 0 }, all: { exporters: [], total: 0 } },
    ...([
      'warning',
      /^no datagram has come to port 2055$/,
      /tcpdump -ni any 'udp port 2055'.*firewall/,
    ] as const),
  ],
  [
    'no message over TCP',
    { listener: { listen: 'tcp 0.0.0.0:4739', receiver: 'tcp', datagrams: 0 } },
    ...([
      'warning',
      /^no datagram has come to tcp port 4739$/,
      /^tcpdump -ni any 'tcp port 4739' .*a firewall drops them/,
    ] as const),
  ],
  [
    'connections that were closed',
    {
      listener: {
        ...{ listen: 'tcp 0.0.0.0:4739', receiver: 'tcp' },
        connections: { open: 1, unlisted: 0, overflow: 0, malformed: 1200, idle: 2 },
      },
    },
    ...([
      'warning',
      /1,200 that brought something else than IPFIX on tcp 0\.0\.0\.0:4739, 2 without a message/,
      /without TLS; have the exporter send its templates/,
    ] as const),
  ],
  [
    'other protocols',
    { listener: { stray: 7 } },
    ...([
      'warning',
      /neither sFlow v5 nor NetFlow.*: 7 on 0\.0\.0\.0:2055/,
      /set the exporter to one/,
    ] as const),
  ],
  [
    'an exporter that is not listed',
    { all: { refused: [{ address: '198.51.100.9', datagrams: 12 }], refusedDatagrams: 12 } },
    ...(['warning', /12 datagrams .* 198\.51\.100\.9 \(12\)/, /add them to telemetry\.exporters/] as const),
  ],
  [
    'too many exporters',
    { all: { overflowDatagrams: 3 } },
    ...(['warning', /beyond telemetry\.exportersMax \(1024\)/, /raise the bound/] as const),
  ],
  [
    'an exporter that fell silent',
    { exporter: { lastSeen: '2026-11-20T09:11:59.533Z' } },
    ...(['warning', /no longer heard: edge-1 \(192\.0\.2\.1\) for 1 h/, /is it up/] as const),
  ],
  [
    'data without its template',
    { exporter: { waiting: 2, lostSets: 40 } },
    ...(['warning', /edge-1 \(192\.0\.2\.1\) 2 sets waiting, 40 lost/, /repeat its templates/] as const),
  ],
  [
    'a sampling rate that nobody tells',
    { domain: { samplingRateFrom: 'none' } },
    ...([
      'warning',
      /no sampling rate is told.*: edge-1 \(192\.0\.2\.1\) domain 7/,
      /samplingRate: 1/,
    ] as const),
  ],
  [
    'gaps in sequence numbers',
    { exporter: { datagrams: 90, lostDatagrams: 10 } },
    ...(['warning', /edge-1 \(192\.0\.2\.1\) lost 10 %/, /lost on the way/] as const),
  ],
  [
    'datagrams that cannot be',
    { exporter: { malformed: 4 } },
    ...(['warning', /edge-1 \(192\.0\.2\.1\) 4$/, /tcpdump -w/] as const),
  ],
  [
    'a clock that is off',
    { domain: { skewSeconds: -3600 } },
    ...(['warning', /clocks are off: edge-1 \(192\.0\.2\.1\) 1 h ahead/, /NTP/] as const),
  ],
  [
    'an active timeout that is too long',
    { domain: { longestSeconds: 1800 } },
    ...(['warning', /told of late.*: edge-1 \(192\.0\.2\.1\) 30 min/, /active timeout to 15 s/] as const),
  ],
  [
    'networks that are not those of the traffic',
    { looked: { records: 1000, incoming: 40, outgoing: 29, other: 931 } },
    ...([
      'warning',
      /^neither address is in networks \(.*\): edge-1 \(192\.0\.2\.1\) 93\.1 % of 1,000 records$/,
      /add the networks that are yours; .*foreign traffic/,
    ] as const),
  ],
  [
    'one direction only',
    { looked: { incoming: 1512, outgoing: 1 }, exporter: { countOnly: 'both' } },
    ...([
      'warning',
      /^likely only one direction .* edge-1 \(192\.0\.2\.1\) 1,512 incoming records, 1 outgoing$/,
      /have interfaces on both sides export/,
    ] as const),
  ],
  [
    'flows that one exporter tells of coming in and going out',
    { looked: { records: 1000, bothWays: 480 } },
    ...([
      'warning',
      /^likely packets are counted twice.*: edge-1 .* 48 % of 1,000 records are of flows/,
      /countOnly: ingress/,
    ] as const),
  ],
  [
    'sampled flows of which both sides are told',
    { looked: { outgoingIngress: 402, outgoingEgress: 500, bothWays: 2 } },
    ...([
      'warning',
      /^likely packets are counted twice.*: edge-1 .* 402 outgoing records by ingress, 500 by egress$/,
      /countOnly: ingress/,
    ] as const),
  ],
  [
    'flows that two exporters tell of',
    { looked: { records: 1000, alsoFrom: [{ address: '192.0.2.2', records: 455 }] } },
    ...([
      'warning',
      /by two exporters: 45\.5 % of 1,000 records of edge-1 \(192\.0\.2\.1\) are of flows that 192\.0\.2\.2 told/,
      /only the interfaces at the edge/,
    ] as const),
  ],
]

const WELL: readonly [name: string, changes: Changes][] = [
  ['too few records to conclude anything', { looked: { records: 499, other: 499, bothWays: 400 } }],
  ['half of the records foreign', { looked: { records: 1000, other: 500 } }],
  ['one direction by countOnly', { looked: { outgoing: 0 }, exporter: { countOnly: 'ingress' } }],
  [
    'one direction by interfaces',
    { looked: { outgoing: 0 }, exporter: { countOnly: 'both', notCounted: 12 } },
  ],
  [
    'a flood that comes in a hundred times the answers',
    { looked: { incoming: 3000, outgoing: 30 }, exporter: { countOnly: 'both' } },
  ],
  [
    'the outside watched both ways',
    { looked: { incomingIngress: 1512, outgoingIngress: 0, outgoingEgress: 902 } },
  ],
  [
    'few flows told of by another one',
    { looked: { records: 1000, alsoFrom: [{ address: '192.0.2.2', records: 50 }] } },
  ],
]

for (const [name, changes] of WELL) {
  test(`doctor finds nothing wrong with ${name}`, () => {
    assert.deepEqual(
      findings(changes).map(({ verdict }) => verdict),
      ['ok'],
    )
  })
}

test('two exporters of the same flows are one finding, with both names', () => {
  const [well] = EXAMPLE_EXPORTERS.exporters
  assert.ok(well)
  const of = (address: string, name: string, other: string): Exporter => ({
    ...{ ...well, address, name, lastSeen: AT, lostDatagrams: 0, domains: [] },
    looked: { ...well.looked, records: 1000, alsoFrom: [{ address: other, records: 400 }] },
  })

  const found = findings({
    all: { exporters: [of('192.0.2.1', 'edge', '192.0.2.2'), of('192.0.2.2', 'core', '192.0.2.1')] },
  })

  assert.deepEqual(
    found.map(({ detail }) => detail),
    [
      'likely packets are counted twice, by two exporters: 40 % of 1,000 records of edge (192.0.2.1) are of flows that core (192.0.2.2) told of too',
    ],
  )
})

for (const [name, changes, verdict, evidence, fix] of CAUSES) {
  test(`doctor finds ${name}, and nothing else`, () => {
    const found = findings(changes)

    assert.equal(found.length, 1, JSON.stringify(found, null, 1))
    assert.equal(found[0]?.verdict, verdict)
    assert.match(found[0]?.detail ?? '', evidence)
    assert.match(found[0]?.remedy ?? '', fix)
  })
}

test('a port to which nothing comes is told although another one hears something', () => {
  const [heard] = EXAMPLE_EXPORTERS.listeners
  assert.ok(heard)

  const found = findings({ all: { listeners: [heard, { ...heard, listen: '0.0.0.0:6343', datagrams: 0 }] } })

  assert.deepEqual(
    found.map(({ detail }) => detail),
    ['no datagram has come to port 6343'],
  )
})

test('when all is well it says so, also of sFlow, which tells its rate with each sample', () => {
  const well = { name: 'flow telemetry', verdict: 'ok' }

  assert.deepEqual(findings(), [{ ...well, detail: '48,112 datagrams of 1 exporters, none lost' }])
  assert.equal(findings({ domain: { protocol: 'sflow', samplingRateFrom: 'none' } })[0]?.verdict, 'ok')
})

test('of many exporters with the same trouble some are named', () => {
  const [one] = EXAMPLE_EXPORTERS.exporters
  assert.ok(one)
  const exporters = Array.from({ length: 40 }, (_, at) => ({
    ...{ ...one, name: '', address: `192.0.2.${at}`, malformed: 1, lastSeen: AT, domains: [] },
  }))

  const found = findings({ all: { exporters } })

  assert.match(found[0]?.detail ?? '', /192\.0\.2\.0 1, .*192\.0\.2\.4 1, and 35 more$/)
})

test('without a daemon it tries whether it could receive', () => {
  const [free] = socketFindings(configWith({ telemetry: { listen: ['192.0.2.77:2055'] } }))

  assert.equal(free?.verdict, 'bad')
  assert.match(free?.detail ?? '', /^cannot receive on 192\.0\.2\.77:2055: .*is no address of this machine/)
})

test('without a daemon it tries whether connections could be taken', async () => {
  const port = await freePort()

  const found = await streamFindings(
    configWith({ telemetry: { tcp: [`127.0.0.1:${port}`, '192.0.2.77:4739'] } }),
  )

  assert.deepEqual(
    found.map(({ verdict }) => verdict),
    ['ok', 'bad'],
  )
  assert.equal(found[0]?.detail, `tcp 127.0.0.1:${port} can be received on`)
  assert.match(found[1]?.detail ?? '', /^cannot receive on tcp 192\.0\.2\.77:4739: .*EADDRNOTAVAIL/)
})
