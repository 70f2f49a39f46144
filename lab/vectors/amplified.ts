// Answers of services that are abused to amplify: how they begin, how long they are, and an honest use of the same service.

import { type Draw, hexOf } from './draw.ts'
import { from, laterFragment, mixed, type PacketMaker, to, udp } from './packet.ts'
import type { VectorCase } from './vector-case.ts'

interface Service {
  readonly port: number
  /** First bytes of an answer, in hexadecimal. */
  readonly answer: string
  /** Bytes of the UDP payload, shortest and longest. */
  readonly bytes: readonly [number, number]
  /** For each answer so many trailing fragments. */
  readonly fragments?: number
}

const RPC = '1a2b3c4d00000001'
const XML = hexOf('<?xml version="1.0"')
const HTTP = hexOf('HTTP/1.1 200 OK\r\n')
const ICE = 'ffffffff'
const DNS = '1a2b81800001000a00000000'

export const SERVICES: Readonly<Record<string, Service>> = {
  dns: { port: 53, answer: DNS, bytes: [1000, 1472], fragments: 1 },
  ntp: { port: 123, answer: 'd700032a0006004800000000', bytes: [440, 440] },
  ssdp: { port: 1900, answer: HTTP, bytes: [260, 420] },
  cldap: { port: 389, answer: '3084000005f20201076484', bytes: [1300, 1472], fragments: 1 },
  memcached: { port: 11211, answer: '0000000000050000', bytes: [1400, 1400], fragments: 0 },
  chargen: { port: 19, answer: hexOf('!"#$%&\'()*+,-./0123456789:;<=>?@ABCDEF'), bytes: [512, 1020] },
  qotd: { port: 17, answer: hexOf('"The unexamined life is not worth'), bytes: [100, 500] },
  snmp: { port: 161, answer: `308205540201010406${hexOf('public')}a2820545`, bytes: [1200, 1400] },
  portmap: { port: 111, answer: RPC, bytes: [400, 486] },
  netbios: { port: 137, answer: '1a2b84000000000100000000', bytes: [157, 229] },
  mssql: { port: 1434, answer: '05f401', bytes: [300, 600] },
  citrix: { port: 1604, answer: '2b0002a8', bytes: [200, 500] },
  xdmcp: { port: 177, answer: '00010005', bytes: [48, 60] },
  openvpn: { port: 1194, answer: '40', bytes: [26, 26] },
  vxworks: { port: 17185, answer: RPC, bytes: [120, 180] },
  digiman: { port: 2362, answer: hexOf('DIGI'), bytes: [90, 150] },
  srcds: { port: 27015, answer: `${ICE}49`, bytes: [100, 300] },
  steam: { port: 27036, answer: `${ICE}214c5fa0`, bytes: [100, 200] },
  quake3: { port: 27960, answer: ICE + hexOf('statusResponse\n'), bytes: [500, 900] },
  fivem: { port: 30120, answer: ICE + hexOf('infoResponse\n'), bytes: [200, 500] },
  lantronix: { port: 30718, answer: '000000f7', bytes: [120, 120] },
  plex: { port: 32414, answer: hexOf('HTTP/1.0 200 OK\r\n'), bytes: [200, 320] },
  ard: { port: 3283, answer: '000103ea', bytes: [1006, 1006] },
  jenkins: { port: 33848, answer: hexOf('<hudson><version>'), bytes: [200, 300] },
  rdpeudp: { port: 3389, answer: '0000000004000005', bytes: [1232, 1232] },
  stun: { port: 3478, answer: '010100442112a442', bytes: [88, 108] },
  'ws-discovery': { port: 3702, answer: XML, bytes: [600, 1400] },
  dhcpdiscover: { port: 37810, answer: '200000004448495000000000', bytes: [600, 800] },
  bfd: { port: 3784, answer: '20c80318', bytes: [24, 24] },
  crestron: { port: 41794, answer: '15000000', bytes: [380, 400] },
  slp: { port: 427, answer: '0202', bytes: [300, 1400] },
  dtls: { port: 443, answer: '16feff0000000000000000', bytes: [100, 200] },
  isakmp: {
    port: 500,
    answer: '11111111111111112222222222222222011002000000000000000060',
    bytes: [200, 360],
  },
  modbus: { port: 502, answer: '00010000', bytes: [60, 120] },
  sip: { port: 5060, answer: hexOf('SIP/2.0 200 OK\r\n'), bytes: [400, 700] },
  sentinel: { port: 5093, answer: '7a00', bytes: [1400, 1472] },
  netis: { port: 53413, answer: hexOf('Login:'), bytes: [20, 30] },
  'nat-pmp': { port: 5351, answer: '0080', bytes: [12, 16] },
  coap: { port: 5683, answer: '6045', bytes: [400, 900] },
  bittorrent: { port: 6881, answer: hexOf('d1:rd2:id20:'), bytes: [200, 300] },
  afs: { port: 7001, answer: `${'11'.repeat(20)}0d`, bytes: [93, 93] },
  ubiquiti: { port: 10001, answer: '01000088', bytes: [120, 206] },
  tp240: { port: 10074, answer: hexOf('call.stat 1 of 4294967294 '), bytes: [60, 120] },
  powerhouse: { port: 20811, answer: 'a0b1', bytes: [1200, 1400] },
  quic: { port: 443, answer: 'c000000001', bytes: [1200, 1250] },
  bacnet: { port: 47808, answer: '810a', bytes: [60, 400] },
  rip: { port: 520, answer: '02010000', bytes: [504, 504] },
  kad: { port: 751, answer: 'e408', bytes: [200, 500] },
  tftp: { port: 69, answer: '00030001', bytes: [516, 516] },
  mdns: { port: 5353, answer: '000084000000000400000000', bytes: [200, 500] },
}

/** Open servers of one kind that are abused, and the ports the victim is hit on. */
const REFLECTORS = 800

/** Answers of abused servers to us. */
function flood({ port, answer, bytes, fragments = 0 }: Service): PacketMaker {
  const [least, most] = bytes
  const whole: PacketMaker = draw => {
    const more = fragments > 0 ? { fragment: { offset: 0, more: true } } : {}
    const payload = draw.payload(answer, fragments > 0 ? 1472 : draw.between(least, most))
    return udp(
      to(draw.outside(REFLECTORS), { ttl: draw.between(40, 62), ...more }),
      port,
      draw.port(),
      payload,
    )
  }
  const trailing: PacketMaker = draw =>
    laterFragment(to(draw.outside(REFLECTORS)), { offset: 1480, more: false }, draw.between(300, 1480))
  return fragments > 0 ? mixed([1, whole], [fragments, trailing]) : whole
}

/** A host of ours that asks forty servers and gets the same long answer from each: nothing is wrong with it. */
function asked({ port, answer, bytes: [least, most] }: Service): PacketMaker {
  return mixed(
    [1, draw => udp(from(draw.outside(40)), draw.port(), port, draw.bytes(40))],
    [
      1,
      draw => udp(to(draw.outside(40)), port, draw.port(), draw.payload(answer, draw.between(least, most))),
    ],
  )
}

/** An ordinary use that is more than being asked and answering. */
/** SNMPv2c, community public: a GetBulkRequest, and a Response that fills its datagram as the abused one does. */
const GET_BULK = `302e0201010406${hexOf('public')}a521`
const walked = (draw: Draw): Uint8Array =>
  draw.payload(`308205540201010406${hexOf('public')}a2820545`, draw.between(900, 1400))

const NEIGHBOURS: Readonly<Record<string, VectorCase['neighbour']>> = {
  dns: {
    title: 'a busy resolver of ours and its answers',
    packets: mixed(
      [
        1,
        draw => udp(from(draw.outside(3000)), draw.port(), 53, draw.payload('1a2b01000001000000000000', 40)),
      ],
      [1, draw => udp(to(draw.outside(3000)), 53, draw.port(), draw.payload(DNS, draw.between(80, 500)))],
    ),
  },
  ntp: {
    title: 'a time server of the pool that is asked',
    packets: mixed(
      [1, draw => udp(to(draw.outside(3000)), 123, 123, draw.payload('23000a', 48))],
      [1, draw => udp(from(draw.outside(3000)), 123, 123, draw.payload('240203', 48))],
    ),
  },
  snmp: {
    title: 'a poller of ours that walks 300 devices in bulk, of which some do not answer at once',
    packets: mixed(
      [
        21,
        draw => udp(from(draw.outside(300)), draw.between(40_000, 40_003), 161, draw.payload(GET_BULK, 48)),
      ],
      [20, draw => udp(to(draw.outside(300)), 161, draw.between(40_000, 40_003), walked(draw))],
    ),
  },
  stun: {
    title: 'calls through a relay, whose media come from the port of STUN',
    packets: mixed(
      [3, draw => udp(to(draw.outside(4)), 3478, draw.port(), draw.payload('4001', draw.between(80, 1100)))],
      [
        3,
        draw => udp(from(draw.outside(4)), draw.port(), 3478, draw.payload('4001', draw.between(80, 1100))),
      ],
    ),
  },
  srcds: {
    title: 'players on game servers',
    packets: mixed(
      [
        2,
        draw =>
          udp(to(draw.outside(30)), 27015, draw.port(), draw.payload('5a010000', draw.between(90, 300))),
      ],
      [
        2,
        draw =>
          udp(from(draw.outside(30)), draw.port(), 27015, draw.payload('5b010000', draw.between(40, 80))),
      ],
    ),
  },
  quake3: {
    title: 'a game that is played',
    packets: mixed(
      [
        2,
        draw =>
          udp(to(draw.outside(30)), 27960, draw.port(), draw.payload('05120000', draw.between(90, 300))),
      ],
      [
        2,
        draw =>
          udp(from(draw.outside(30)), draw.port(), 27960, draw.payload('06120000', draw.between(40, 80))),
      ],
    ),
  },
  openvpn: {
    title: 'a tunnel of OpenVPN that carries data',
    packets: mixed(
      [3, draw => udp(to(draw.outside(2)), 1194, 40_000, draw.payload('48000001', draw.between(60, 1400)))],
      [2, draw => udp(from(draw.outside(2)), 40_000, 1194, draw.payload('48000001', draw.between(60, 1400)))],
    ),
  },
  quic: {
    title: 'a large download over QUIC',
    packets: mixed(
      [9, draw => udp(to(draw.outside(2)), 443, 51_000, draw.payload('4c', 1230))],
      [1, draw => udp(from(draw.outside(2)), 51_000, 443, draw.payload('41', 40))],
    ),
  },
}

export const AMPLIFIED: readonly VectorCase[] = Object.entries(SERVICES).map(([name, service]) => ({
  vector: `${name}-amplification`,
  attack: flood(service),
  neighbour: NEIGHBOURS[name] ?? {
    title: 'a host that asks such servers and is answered',
    packets: asked(service),
  },
}))
