// Addresses that no request of ours may reach unasked: everything but the unicast addresses of the Internet.
//
// The registries of special addresses (RFC 6890 and its successors), and for IPv6 the other way round: only 2000::/3 is
// unicast of the Internet. What carries an IPv4 address is judged by that one.

import { type Address, bitsOf } from './address.ts'
import { contains, type Prefix, parsePrefix } from './prefix.ts'
import { PrefixSet } from './prefix-set.ts'

const known = (text: string): Prefix => {
  const prefix = parsePrefix(text)
  if (prefix === undefined) throw new Error(`${text} is no prefix`)
  return prefix
}

/** This network, private, shared (CGNAT), loopback, link-local, protocol assignments, documentation, 6to4 relays, benchmarks, multicast, reserved. */
const INSIDE_4 = new PrefixSet(
  [
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
    ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
    ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ].map(known),
)

const GLOBAL_6 = known('2000::/3')
/** Within it: protocol assignments with Teredo and ORCHID, and documentation. */
const INSIDE_6 = new PrefixSet(['2001::/23', '2001:db8::/32', '3fff::/20'].map(known))

/** Prefixes with an IPv4 address in them, and how many bits stand behind it: mapped, NAT64 (RFC 6052), 6to4 (RFC 3056). */
const CARRIERS: readonly (readonly [prefix: Prefix, behind: bigint])[] = [
  [known('::ffff:0:0/96'), 0n],
  [known('64:ff9b::/96'), 0n],
  [known('2002::/16'), 80n],
]

/** Whether an address is none of the Internet's: private, loopback, link-local, multicast and the like, in any form. */
export function isInside(address: Address): boolean {
  const whole = { ...address, length: bitsOf(address.family) }
  if (address.family === 4) return INSIDE_4.covering(whole) !== undefined
  const carrier = CARRIERS.find(([prefix]) => contains(prefix, address))
  if (carrier !== undefined)
    return isInside({ family: 4, value: (address.value >> carrier[1]) & 0xffff_ffffn })
  return !contains(GLOBAL_6, address) || INSIDE_6.covering(whole) !== undefined
}
