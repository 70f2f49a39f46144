// The services that are abused to amplify: port, what an abused answer looks like, and how much it grows by.
//
// Ports and factors are those published by US-CERT (TA14-017A), the AMP-Research list and the vendors of DDoS protection.

import {
  all,
  byte,
  dnsAnswer,
  dtlsAnswer,
  isakmpAnswer,
  memcachedAnswer,
  ntpAnswer,
  type PayloadProof,
  printable,
  quicAnswer,
  snmpAnswer,
  some,
  stunAnswer,
  text,
  word16,
  word32,
} from './vectors-payload.ts'

export interface Amplifier {
  /** The vector is called `<name>-amplification`. */
  readonly name: string
  readonly service: string
  /** UDP port the answers come from. */
  readonly port: number
  /** IP length the abused answers have on average at least; honest ones of many services are shorter. */
  readonly meanBytes: number
  /** Published factor of bandwidth, lowest and highest, as text. */
  readonly factor: string
  readonly proof: PayloadProof
  /** What the proof is, in words. */
  readonly proves: string
}

const row = (
  name: string,
  service: string,
  port: number,
  meanBytes: number,
  factor: string,
  proof: PayloadProof = some,
  proves = 'source port and length only',
): Amplifier => ({ name, service, port, meanBytes, factor, proof, proves })

const rpcReply = word32(4, 1)
const outOfBand = word32(0, 0xffff_ffff)
const OUT_OF_BAND = 'four bytes ff'

export const AMPLIFIERS: readonly Amplifier[] = [
  row('dns', 'DNS', 53, 400, '28-54', dnsAnswer, 'response bit'),
  row('ntp', 'NTP', 123, 100, '556', ntpAnswer, 'answer in mode 6 or 7'),
  row('ssdp', 'SSDP', 1900, 200, '32', text('HTTP/1.1 200', 'HTTP/1.0 200'), 'HTTP/1.1 200'),
  row('cldap', 'CLDAP', 389, 400, '50-70', byte(0, 255, 0x30), 'an LDAP message'),
  row('memcached', 'memcached', 11211, 400, '200-51,000', memcachedAnswer, 'memcached frame header'),
  row('chargen', 'CharGEN', 19, 100, '358', printable, 'printable text'),
  row('qotd', 'QOTD', 17, 60, '30-100', printable, 'printable text'),
  row('snmp', 'SNMP', 161, 400, '40', snmpAnswer, 'Response PDU'),
  row('portmap', 'portmap', 111, 80, '15', rpcReply, 'RPC reply'),
  row('netbios', 'NetBIOS name service', 137, 100, '4', dnsAnswer, 'response bit'),
  row('mssql', 'MS SQL browser', 1434, 100, '10-30', byte(0, 255, 5), 'SVR_RESP'),
  row('citrix', 'Citrix ICA browser', 1604, 100, '7-200'),
  row('xdmcp', 'XDMCP', 177, 60, '7', all(word16(0, 1), word16(2, 5, 6)), 'Willing or Unwilling'),
  row('openvpn', 'OpenVPN', 1194, 40, '2', byte(0, 0xf8, 0x40), 'reset of a server'),
  row('vxworks', 'VxWorks WDB', 17185, 60, '3', rpcReply, 'RPC reply'),
  row('digiman', 'Digi discovery', 2362, 80, '5', text('DIGI'), 'DIGI'),
  row('srcds', 'Source engine', 27015, 80, '5', outOfBand, OUT_OF_BAND),
  row('steam', 'Steam remote play', 27036, 80, '17', outOfBand, OUT_OF_BAND),
  row('quake3', 'Quake 3 engine', 27960, 100, '15', outOfBand, OUT_OF_BAND),
  row('fivem', 'FiveM', 30120, 100, '8-30', outOfBand, OUT_OF_BAND),
  row('lantronix', 'Lantronix discovery', 30718, 60, '5', word32(0, 0xf7, 0xf9), 'discovery answer'),
  row('plex', 'Plex discovery', 32414, 150, '10', text('HTTP/1.0 200', 'HTTP/1.1 200'), 'HTTP/1.x 200'),
  row('ard', 'Apple Remote Desktop', 3283, 400, '33', word16(0, 1), 'an ARMS answer'),
  row('jenkins', 'Jenkins discovery', 33848, 100, '5-8', text('<hudson', '<jenkins'), '<hudson'),
  row('rdpeudp', 'RDP over UDP', 3389, 400, '29-86', byte(7, 5, 5), 'SYN and ACK'),
  row('stun', 'STUN', 3478, 60, '3', stunAnswer, 'binding answer'),
  row('ws-discovery', 'WS-Discovery', 3702, 300, '30-150', text('<'), 'XML'),
  row('dhcpdiscover', 'DVR DHCPDiscover', 37810, 300, '30', word32(4, 0x4448_4950), 'DHIP'),
  row('bfd', 'BFD', 3784, 40, '5'),
  row('crestron', 'Crestron', 41794, 150, '15', byte(0, 255, 0x15), 'discovery answer'),
  row('slp', 'SLP', 427, 80, '12-2,200', all(byte(0, 255, 2, 1), byte(1, 255, 2, 7, 8, 10)), 'a reply'),
  row('dtls', 'DTLS', 443, 80, '2-3', dtlsAnswer, 'DTLS handshake'),
  row('isakmp', 'ISAKMP', 500, 100, '4-5', isakmpAnswer, 'first exchange'),
  row('modbus', 'Modbus', 502, 60, '4', word16(2, 0), 'protocol 0'),
  row('sip', 'SIP', 5060, 200, '15', text('SIP/2.0 '), 'SIP/2.0'),
  row('sentinel', 'Sentinel licence server', 5093, 400, '20'),
  row('netis', 'Netis router', 53413, 36, '2'),
  row('nat-pmp', 'NAT-PMP', 5351, 36, '2-5', byte(1, 0x80, 0x80), 'answer code'),
  row('coap', 'CoAP', 5683, 100, '20', all(byte(0, 0xc0, 0x40), byte(1, 0xe0, 0x40)), 'code 2.xx'),
  row('bittorrent', 'BitTorrent DHT', 6881, 100, '3', text('d1:', 'd2:'), 'bencoded dictionary'),
  row('afs', 'AFS', 7001, 60, '2', byte(20, 255, 13, 2), 'Rx version'),
  row('ubiquiti', 'Ubiquiti discovery', 10001, 80, '7', word16(0, 0x0100, 0x0206), 'discovery answer'),
  row('tp240', 'Mitel TP-240', 10074, 60, '2,200-4,000,000,000', printable, 'printable text'),
  row('powerhouse', 'Powerhouse VPN', 20811, 400, '366'),
  row('quic', 'QUIC', 443, 200, '2.2', quicAnswer, 'long header'),
  row('bacnet', 'BACnet', 47808, 60, '2-120', byte(0, 255, 0x81), 'BVLC'),
  row('rip', 'RIP', 520, 100, '21-131', all(byte(0, 255, 2), byte(1, 255, 1, 2)), 'a Response'),
  row('kad', 'Kad', 751, 100, '16'),
  row('tftp', 'TFTP', 69, 80, '60', word16(0, 3, 5), 'DATA or ERROR'),
  row('mdns', 'mDNS', 5353, 100, '2-10', dnsAnswer, 'response bit'),
]

const byPort = AMPLIFIERS.reduce(
  (ports, { port }, at) => ports.set(port, [...(ports.get(port) ?? []), at]),
  new Map<number, readonly number[]>(),
)

/**
 * The amplifier an answer from this port may come from, -1 when none does. Of two on one port the one whose proof
 * the payload is; a port of one service alone is enough here, what the payload says of it is counted apart.
 */
export function amplifierOf(port: number, frame: DataView, at: number, end: number): number {
  const candidates = byPort.get(port)
  if (candidates === undefined) return -1
  if (candidates.length === 1) return candidates[0]!
  return candidates.find(candidate => AMPLIFIERS[candidate]!.proof(frame, at, end) === 1) ?? -1
}
