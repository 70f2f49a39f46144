// A rule of DDPS with each key there, and changes to it.

import type { DdpsRule } from './rule.ts'

export const ddpsRule = (changes: Partial<DdpsRule> = {}): DdpsRule => ({
  durationminutes: '10',
  destinationprefix: '10.0.0.5/32',
  sourceprefix: '',
  ipprotocol: '=17',
  destinationport: '',
  sourceport: '=123',
  icmptype: '',
  icmpcode: '',
  tcpflags: '',
  packetlength: '=468',
  dscp: '',
  fragmentencoding: '',
  thenaction: 'discard',
  description: 'NTP amplification',
  ...changes,
})
