import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PacketRecord } from '#5-evidence/evidence.ts'
import { attackForTests } from './attack-for-tests.ts'
import { flowDump, informationJson, keyOf } from './encode.ts'

const ATTACK = attackForTests()
const PACKET: PacketRecord = {
  timeMicros: 1_795_169_946_985_445,
  source: '198.18.0.142',
  target: '10.99.1.1',
  sourcePort: 47_850,
  targetPort: 80,
  protocol: 6,
  tcpFlags: 2,
  isFragment: false,
  ttl: 64,
  bytes: 200,
  weight: 1,
  sampleRatio: 1,
  bytesCaptured: new Uint8Array(),
  linkType: 1,
}

/** What FastNetMon 1.2.4 wrote for such an attack, byte for byte. */
const WRITTEN =
  '{"action":"ban","alert_scope":"host","attack_details":{"attack_uuid":"00000000-0000-0000-0000-000000000000","host_group":"","incoming_dropped_pps":0,"incoming_dropped_traffic":0,"incoming_dropped_traffic_bits":0,"incoming_icmp_pps":0,"incoming_icmp_traffic":0,"incoming_icmp_traffic_bits":0,"incoming_ip_fragmented_pps":0,"incoming_ip_fragmented_traffic":0,"incoming_ip_fragmented_traffic_bits":0,"incoming_syn_tcp_pps":0,"incoming_syn_tcp_traffic":0,"incoming_syn_tcp_traffic_bits":0,"incoming_tcp_pps":0,"incoming_tcp_traffic":0,"incoming_tcp_traffic_bits":0,"incoming_udp_pps":21712,"incoming_udp_traffic":4342553,"incoming_udp_traffic_bits":34740424,"outgoing_dropped_pps":0,"outgoing_dropped_traffic":0,"outgoing_dropped_traffic_bits":0,"outgoing_icmp_pps":0,"outgoing_icmp_traffic":0,"outgoing_icmp_traffic_bits":0,"outgoing_ip_fragmented_pps":0,"outgoing_ip_fragmented_traffic":0,"outgoing_ip_fragmented_traffic_bits":0,"outgoing_syn_tcp_pps":0,"outgoing_syn_tcp_traffic":0,"outgoing_syn_tcp_traffic_bits":0,"outgoing_tcp_pps":0,"outgoing_tcp_traffic":0,"outgoing_tcp_traffic_bits":0,"outgoing_udp_pps":0,"outgoing_udp_traffic":0,"outgoing_udp_traffic_bits":0,"protocol_version":"IPv4","total_incoming_flows":11442,"total_incoming_pps":21712,"total_incoming_traffic":4342553,"total_incoming_traffic_bits":34740424,"total_outgoing_flows":0,"total_outgoing_pps":0,"total_outgoing_traffic":0,"total_outgoing_traffic_bits":0},"ip":"10.99.1.1"}'

test('the JSON of an attack is what FastNetMon 1.2.4 writes', () => {
  assert.equal(informationJson(ATTACK, undefined, 'padded'), WRITTEN)
})

test('the newest form names the hostgroup and holds the packets', () => {
  const written = JSON.parse(informationJson(ATTACK, [PACKET], 'canonical'))

  assert.equal(written.attack_details.host_group, 'web')
  assert.deepEqual(written.packet_dump_detailed, [
    {
      ...{
        source_ip: '198.18.0.142',
        source_port: 47_850,
        destination_ip: '10.99.1.1',
        destination_port: 80,
      },
      ...{ protocol: 'tcp', tcp_flags: 'syn', ttl: 64, length: 200, packets: 1, sample_ratio: 1 },
      ...{ fragmentation: false, ip_version: 'ipv4', timestamp: 1_795_169_946 },
    },
  ])
})

test('keys carry the prefix only when there is one, and IPv6 in the form of scripts', () => {
  const ipv6 = { ...ATTACK, host: '2001:db8:99::1', family: 6 as const }

  assert.equal(keyOf(ATTACK, 'information', 'mydc1', 'padded'), 'mydc1_10.99.1.1_information')
  assert.equal(keyOf(ATTACK, 'flow_dump', '', 'padded'), '10.99.1.1_flow_dump')
  assert.equal(keyOf(ipv6, 'packets_dump', '', 'padded'), '2001:0db8:0099::0001_packets_dump')
  assert.equal(
    JSON.parse(informationJson(ipv6, undefined, 'canonical')).attack_details.protocol_version,
    'IPv6',
  )
})

test('the dump of flows is empty without flows, and says so of a ban by hand', () => {
  const style = { recordCount: 5, addressForm: 'padded' as const, localTime: String }

  assert.equal(flowDump(ATTACK, [], style), '')
  assert.equal(flowDump({ ...ATTACK, origin: 'manual' }, [], style), 'manually triggered attack')
})
