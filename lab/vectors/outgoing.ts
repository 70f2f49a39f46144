// Attacks that a host of ours makes, knowingly or not, beside the same host at honest work.

import { CRAWLER } from './direct.ts'
import { from, mixed, tcp, to, udp } from './packet.ts'
import type { VectorCase } from './vector-case.ts'

const DNS = '1a2b81800001000a00000000'

export const OUTGOING_CASES: readonly VectorCase[] = [
  {
    vector: 'dns-amplification',
    direction: 'outgoing',
    attack: mixed(
      [1, draw => udp(to(draw.outside(2)), draw.port(), 53, draw.payload('1a2b01000001000000000001', 40))],
      [1, draw => udp(from(draw.outside(2)), 53, draw.port(), draw.payload(DNS, draw.between(1000, 1400)))],
    ),
    neighbour: {
      title: 'a name server of ours that answers the world',
      packets: mixed(
        [
          1,
          draw => udp(to(draw.outside(3000)), draw.port(), 53, draw.payload('1a2b01000001000000000000', 40)),
        ],
        [1, draw => udp(from(draw.outside(3000)), 53, draw.port(), draw.payload(DNS, draw.between(80, 500)))],
      ),
    },
  },
  {
    vector: 'syn-flood',
    direction: 'outgoing',
    attack: draw => tcp(from(draw.outside(1)), draw.port(), 80, ['syn']),
    neighbour: {
      title: 'a web server of ours at work',
      packets: mixed(
        [2, draw => tcp(from(draw.outside(900)), 443, draw.port(), ['syn', 'ack'])],
        [9, draw => tcp(from(draw.outside(900)), 443, draw.port(), ['ack'], 1400)],
        [6, draw => tcp(to(draw.outside(900)), draw.port(), 443, ['ack'])],
      ),
    },
  },
  {
    vector: 'syn-scan',
    direction: 'outgoing',
    attack: draw => tcp(from(draw.outside(60_000)), draw.port(), 23, ['syn']),
    neighbour: CRAWLER,
  },
  {
    vector: 'udp-flood',
    direction: 'outgoing',
    attack: draw => udp(from(draw.outside(1)), draw.port(), draw.port(), draw.bytes(draw.between(300, 1400))),
    neighbour: {
      title: 'a stream of video that is acknowledged',
      packets: mixed(
        [12, draw => udp(from(draw.outside(9)), 443, 50_000, draw.payload('4c', draw.between(900, 1230)))],
        [1, draw => udp(to(draw.outside(9)), 50_000, 443, draw.payload('41', 40))],
      ),
    },
  },
]
