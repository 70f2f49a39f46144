import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostColumns, snapshotWith } from '../push/snapshots-for-tests.ts'
import { type InfluxdbForm, influxdbLines } from './lines.ts'

const HOSTS = hostColumns([
  { host: '10.99.1.1', incoming: [21_712.5, 4_342_553.2, 11_442], udp: [21_000.5, 4_000_000] },
  { host: '2001:db8:99::1', incoming: [22_057, 4_411_716, 0] },
])

async function linesOf(form: InfluxdbForm): Promise<string[]> {
  const chunks = await Array.fromAsync(influxdbLines(snapshotWith(HOSTS), form))
  return chunks
    .map(chunk => chunk.text)
    .join('')
    .trimEnd()
    .split('\n')
}

test('measurements, tags, fields and times are those FastNetMon 1.2.4 sends', async () => {
  const lines = await linesOf({ form: 'classic', addressForm: 'padded' })

  assert.deepEqual(lines, [
    'total_traffic,direction=incoming bits=34740424,flows=16376,packets=21712 1795169947000000000',
    'total_traffic,direction=other bits=0,packets=0 1795169947000000000',
    'total_traffic_ipv6,direction=incoming bits=34740424,packets=21712 1795169947000000000',
    'system_counters,metric=metric_value influxdb_writes_total=14,total_ipv4_packets=175344 1795169947000000000',
    'networks_traffic,network=10.99.0.0/16 bits_incoming=34740424,bits_outgoing=0,packets_incoming=21712,packets_outgoing=0 1795169947000000000',
    'networks_ipv6_traffic,network=2001:0db8:0099::/48 bits_incoming=0,bits_outgoing=0,packets_incoming=0,packets_outgoing=0 1795169947000000000',
    'hosts_traffic,host=10.99.1.1 bits_incoming=34740424,bits_outgoing=0,flows_incoming=11442,flows_outgoing=0,packets_incoming=21712,packets_outgoing=0 1795169947000000000',
    'hosts_ipv6_traffic,host=2001:0db8:0099::0001 bits_incoming=35293728,bits_outgoing=0,flows_incoming=0,flows_outgoing=0,packets_incoming=22057,packets_outgoing=0 1795169947000000000',
  ])
})

test('the newest form tells each kind of packet, of totals by the sum over the widest networks', async () => {
  const lines = await linesOf({ form: 'head', addressForm: 'canonical' })

  const fieldsOf = (start: string): Map<string, number> => {
    const line = lines.find(each => each.startsWith(start))
    const fields = line?.split(' ')[1]?.split(',') ?? []
    return new Map(fields.map(field => [field.split('=')[0]!, Number(field.split('=')[1])]))
  }
  const total = fieldsOf('total_traffic,direction=incoming')
  assert.equal(total.get('udp_bits'), 34_740_424)
  assert.equal(fieldsOf('total_traffic_ipv6,direction=incoming').get('udp_bits'), 0)
  assert.equal(fieldsOf('networks_traffic').get('udp_packets_incoming'), 21_712)
  const host = fieldsOf('hosts_traffic,host=10.99.1.1')
  assert.equal(host.get('udp_packets_incoming'), 21_000)
  assert.equal(host.get('udp_bits_incoming'), 32_000_000)
  assert.equal(host.get('tcp_packets_incoming'), 0)
  const kinds = ['dropped', 'fragmented', 'icmp', 'tcp', 'tcp_syn', 'udp']
  const of = (unit: string) => kinds.flatMap(kind => [`${kind}_${unit}_incoming`, `${kind}_${unit}_outgoing`])
  const basic = ['bits', 'flows', 'packets'].flatMap(unit => [`${unit}_incoming`, `${unit}_outgoing`])
  assert.deepEqual([...host.keys()].sort(), [...of('bits'), ...of('packets'), ...basic].sort())
  assert.ok(lines.some(line => line.startsWith('hosts_ipv6_traffic,host=2001:db8:99::1 ')))
})
