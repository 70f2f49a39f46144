import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkReading, readNetwork } from './network-reading.ts'

const TEXTS = {
  snmp: `Tcp: RtoAlgorithm NoPorts
Tcp: 1 9
Udp: InDatagrams NoPorts InErrors
Udp: 8112 340 0
UdpLite: InDatagrams NoPorts InErrors
UdpLite: 0 77 0
`,
  snmp6:
    'Ip6InReceives                   \t12\nUdp6InDatagrams                 \t4\nUdp6NoPorts                     \t2\n',
  netstat: `TcpExt: SyncookiesSent IPReversePathFilter TCPTimeouts
TcpExt: 1 1234 5
IpExt: InNoRoutes InTruncatedPkts
IpExt: 0 0
`,
  udp: `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  112: 00000000:0807 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12345 2 0000000000000000 0
  112: 0100007F:0807 0200007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 12346 2 0000000000000000 0
`,
  udp6: `  sl  local_address                         remote_address                        st tx_queue rx_queue
  200: 00000000000000000000000000000000:18C7 00000000000000000000000000000000:0000 07 00000000:00000000
`,
  reversePath: { all: '1\n', default: '1\n', lo: '0\n', eth0: '0\n', eth1: '2\n' },
}

test('counters are found by their names, IPv4 and IPv6 together', () => {
  const reading = networkReading(TEXTS)

  assert.equal(reading.noPorts, 342)
  assert.equal(reading.reversePathDrops, 1234)
})

test('sockets that take from anybody are told by their port', () => {
  assert.deepEqual(networkReading(TEXTS).udpPorts, [2055, 6343])
})

test('of an interface and of all the larger rp_filter holds', () => {
  assert.deepEqual(
    [...networkReading(TEXTS).reversePath],
    [
      ['eth0', 1],
      ['eth1', 2],
    ],
  )
})

test('what is missing or broken is unknown, not 0', () => {
  const none = { snmp: undefined, snmp6: undefined, netstat: undefined, udp: undefined, udp6: undefined }

  assert.deepEqual(networkReading({ ...none, reversePath: {} }), {
    ...{ noPorts: undefined, reversePathDrops: undefined, udpPorts: undefined, reversePath: new Map() },
  })
  assert.equal(networkReading({ ...TEXTS, snmp: 'Udp: NoPorts', snmp6: undefined }).noPorts, undefined)
  assert.equal(networkReading({ ...TEXTS, snmp6: 'Udp6NoPorts x' }).noPorts, 340)
})

test('the files of this machine can be read', () => {
  const reading = readNetwork()

  assert.equal(typeof reading.noPorts, 'number')
  assert.ok(Array.isArray(reading.udpPorts))
})
