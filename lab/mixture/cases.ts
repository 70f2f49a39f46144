// All cases of the labelled benchmark. They were written down, with their classes, before a distiller was held against them.

import type { Case, LooseCase } from './case.ts'
import { AMPLIFIED_CASES, timeLists } from './cases-amplified.ts'
import { DATAGRAM_CASES, FLAG_CASES, OTHER_CASES } from './cases-direct.ts'
import { INSEPARABLE_CASES } from './cases-inseparable.ts'
import { TWO_CASES } from './cases-two.ts'
import { packetsOf, together } from './floods.ts'
import { ACK, CWR, ECE, RST, SYN, tcp } from './packets.ts'
import { forgedWell, ownPort } from './sender.ts'
import { opening } from './talks.ts'

const syns = packetsOf(draw => opening(draw, forgedWell(draw), 443))

/** Where it is a matter of opinion what the right answer is. */
const LOOSE_CASES: readonly LooseCase[] = [
  {
    kind: 'loose',
    name: 'rst-flood',
    on: 'web',
    vectors: ['rst-flood'],
    flood: packetsOf(draw => {
      const from = forgedWell(draw)
      return tcp(from, ownPort(draw, from), 443, { flags: draw.isOneIn(2) ? RST : RST | ACK, options: 0 })
    }),
    why: 'visitors reset connections as well, and little is lost with a reset',
  },
  {
    kind: 'loose',
    name: 'syn-ecn-flood',
    on: 'web',
    vectors: ['syn-ecn-flood'],
    flood: packetsOf(draw => {
      const from = forgedWell(draw)
      const flags = SYN | ECE | CWR
      return tcp(from, ownPort(draw, from), 443, { flags, options: from.system.synOptions })
    }),
    why: 'some systems of visitors offer ECN, but can do without',
  },
  {
    kind: 'loose',
    name: 'ntp-amplification and an ordinary syn-flood',
    on: 'web',
    vectors: ['ntp-amplification', 'syn-flood'],
    flood: together([60, timeLists(80)], [40, syns]),
    why: 'one half can be told, the other cannot',
  },
]

export const CASES: readonly Case[] = [
  ...AMPLIFIED_CASES,
  ...FLAG_CASES,
  ...DATAGRAM_CASES,
  ...OTHER_CASES,
  ...TWO_CASES,
  ...INSEPARABLE_CASES,
  ...LOOSE_CASES,
]

/** The case of that name. */
export const caseNamed = (name: string): Case | undefined => CASES.find(one => one.name === name)
