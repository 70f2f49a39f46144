// Words of whitelist rules. They lie apart from the schema, which threads that count have no use for.

/** Words for IP protocols in a rule; any other one is written as its number. */
export const RULE_PROTOCOLS = {
  icmp: 1,
  igmp: 2,
  ipip: 4,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  sctp: 132,
} as const

export const RULE_FRAGMENTS = [
  'dont-fragment',
  'is-fragment',
  'first-fragment',
  'last-fragment',
  'not-a-fragment',
] as const
/** Of TCP, in the order of their bits from 1. */
export const RULE_TCP_FLAGS = ['fin', 'syn', 'rst', 'push', 'ack', 'urgent'] as const
