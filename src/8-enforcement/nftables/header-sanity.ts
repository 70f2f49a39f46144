// Headers that no honest sender writes (RFC 9293, RFC 768, RFC 1122).
//
// Data in a SYN is left alone: TCP Fast Open (RFC 7413) sends it.

import type { Measure } from './draft.ts'

/** RFC 6890: not valid as a source. */
const IMPOSSIBLE_SOURCES_4 = '{ 0.0.0.0/8, 127.0.0.0/8, 224.0.0.0/4, 240.0.0.0/4 }'
const IMPOSSIBLE_SOURCES_6 = '{ ::/128, ::1/128, ff00::/8 }'

const WRONG = [`ip saddr ${IMPOSSIBLE_SOURCES_4}`, `ip6 saddr ${IMPOSSIBLE_SOURCES_6}`] as const

/** Only where the header of the transport stands: never in a later fragment. */
const WRONG_TRANSPORT = [
  'tcp flags & (fin|syn|rst|psh|ack|urg) == 0x0',
  'tcp flags & (fin|syn) == fin|syn',
  'tcp flags & (syn|rst) == syn|rst',
  'tcp flags & (fin|rst) == fin|rst',
  'tcp flags & (fin|ack) == fin',
  'tcp flags & (psh|ack) == psh',
  'tcp flags & (urg|ack) == urg',
  'tcp sport 0',
  'tcp dport 0',
  'udp dport 0',
  // The first number is random, and each stack names its MSS.
  'tcp flags & (fin|syn|rst|ack) == syn tcp sequence 0',
  'tcp flags & (fin|syn|rst|ack) == syn tcp doff 5',
] as const

export function addHeaderSanity(measure: Measure<'header-sanity'>): void {
  measure.addChain([
    ...WRONG.map(expression => `${expression} ${measure.verdict}`),
    'ip frag-off & 0x1fff != 0x0 return',
    'frag frag-off != 0 return',
    ...WRONG_TRANSPORT.map(expression => `${expression} ${measure.verdict}`),
  ])
}
