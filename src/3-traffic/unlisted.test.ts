import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatPrefix } from '#lib/ip/prefix.ts'
import { buildFrame } from '../../lab/frame.ts'
import { countingSetup } from './counting-for-tests.ts'
import { METRIC } from './metric.ts'
import { UnlistedCounts } from './unlisted.ts'

const udp = { kind: 'udp', sourcePort: 53, targetPort: 4000 } as const
const tcp = { kind: 'tcp', sourcePort: 1234, targetPort: 80, flags: ['syn'] } as const

function frame(target: string, transport: typeof udp | typeof tcp = udp) {
  const kind = target.includes(':') ? 'ipv6' : 'ipv4'
  const source = kind === 'ipv6' ? '3fff::1' : '198.18.0.1'
  return { bytes: buildFrame([{ kind: 'ethernet' }, { kind, source, target }, transport]) }
}

async function setUp(networks: readonly string[], hostsMax = 256) {
  const setup = await countingSetup(networks, { hostsMax })
  const counts = new UnlistedCounts([{ tables: setup.tables, samplingRate: 2 }])
  const read = () => {
    const seen: Record<string, number[]> = {}
    counts.each((prefix, side, row) => {
      seen[`${formatPrefix(prefix)} ${side}`] = [METRIC.packets, METRIC.bytes, METRIC.synPackets].map(
        at => row[at]!,
      )
    })
    return seen
  }
  return { ...setup, read }
}

test('hosts of /24s without room count together, by /24, with their classes', async () => {
  const { block, read, control } = await setUp(['10.0.0.0/8'])
  block([frame('10.0.0.1'), frame('10.0.1.1'), frame('10.0.1.2', tcp), frame('10.0.2.1')])

  assert.deepEqual(read(), { '10.0.1.0/24 0': [4, 240, 2], '10.0.2.0/24 0': [2, 120, 0] })
  assert.deepEqual(read(), {})
  block([frame('10.0.1.77')])
  assert.deepEqual(read(), { '10.0.1.0/24 0': [2, 120, 0] })
  assert.equal(control('hostsRefused'), 4)
})

test('IPv6 hosts without room count by /48, or by the network when that is longer', async () => {
  const hosts = Array.from({ length: 256 }, (_, at) => frame(`2001:db8::${(at + 1).toString(16)}`))
  const { block, read } = await setUp(['2001:db8::/32', '3fff:1::/96', '3fff:1:0:0:0:1::/96'])
  block(hosts)

  block([
    frame('2001:db8:10:1::1'),
    frame('2001:db8:10:ffff::1'),
    frame('2001:db8:11::1'),
    frame('3fff:1::7'),
  ])
  block([frame('3fff:1::1:0:7')])

  assert.deepEqual(read(), {
    '2001:db8:10::/48 0': [4, 248, 0],
    '2001:db8:11::/48 0': [2, 124, 0],
    '3fff:1::/96 0': [2, 124, 0],
    '3fff:1::1:0:0/96 0': [2, 124, 0],
  })
})

test('beyond 254 prefixes nothing is told apart, and prefixes that fall silent make room', async () => {
  const { block, read, tick, counting } = await setUp(['10.0.0.0/8'])
  block([frame('10.0.0.1')])
  block(Array.from({ length: 300 }, (_, at) => frame(`10.1.${at & 255}.${at >> 8}`)))
  block(Array.from({ length: 10 }, (_, at) => frame(`10.2.${at}.1`)))
  assert.equal(Object.keys(read()).length, 254)

  // Host 10.0.0.1 keeps its page busy all the time, so that nobody else gets it.
  for (let window = 2; window < 70; window++) {
    tick(window, window)
    counting.syncEpoch()
    block([frame('10.0.0.1')])
  }
  block([frame('10.2.9.1')])
  assert.deepEqual(read(), { '10.2.9.0/24 0': [2, 120, 0] })
})
