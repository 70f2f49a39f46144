// Values that several parts of the contract use.

import { z } from 'zod'
import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'

/** An address in any valid form; the contract hands on the canonical one (RFC 5952 for IPv6). */
export const hostInput = z
  .string()
  .max(64)
  .refine(text => parseAddress(text) !== undefined, {
    error: 'expected an IPv4 or IPv6 address such as 192.0.2.1 or 2001:db8::1',
  })
  .transform(text => {
    const address = parseAddress(text)
    return address === undefined ? text : formatAddress(address)
  })
  .describe('IPv4 or IPv6 address.')

/** Identifiers of attacks: the moment it opened in base 36, and a number. */
const ATTACK_ID = /^[0-9a-z]{1,12}-\d{1,12}$/

/** Text of a ban that is there: a host, one of the prefixes of an attack on prefixes, or the identifier of the attack. */
export const isBanTarget = (text: string): boolean => ATTACK_ID.test(text) || parsePrefix(text) !== undefined

/** Addresses and prefixes come out in canonical form. */
export const banTargetInput = z
  .string()
  .max(64)
  .refine(isBanTarget, {
    error:
      'expected an address such as 192.0.2.1, a prefix such as 192.0.2.0/24, or an attack such as mi7kq3l9-1',
  })
  .transform(text => {
    const prefix = parsePrefix(text)
    if (prefix === undefined) return text
    return text.includes('/') ? formatPrefix(prefix) : formatAddress(prefix)
  })
  .describe('IPv4 or IPv6 address; for an attack on prefixes one of them; or the identifier of an attack.')

/** An address or a prefix; the contract hands on the canonical form, an address without its length. */
export const targetInput = z
  .string()
  .max(64)
  .refine(text => parsePrefix(text) !== undefined, {
    error: 'expected an address such as 192.0.2.1 or a prefix such as 192.0.2.0/24',
  })
  .transform(text => {
    const prefix = parsePrefix(text)
    if (prefix === undefined) return text
    const isHost = prefix.length === (prefix.family === 4 ? 32 : 128)
    return isHost ? formatAddress(prefix) : formatPrefix(prefix)
  })
  .describe('IPv4 or IPv6 address or prefix.')

export const host = z
  .string()
  .describe('Address in canonical form; of an attack on several hosts its first prefix.')
export const scope = z
  .enum(['host', 'network', 'hostgroup', 'prefix'])
  .describe('One host, the total of a network or of a hostgroup, or prefixes found to hold an attack.')
export const prefixes = z.array(z.string()).describe('What is attacked; of a host its /32 or /128.')
export const family = z.union([z.literal(4), z.literal(6)]).describe('IP version.')
export const moment = z.iso.datetime().describe('UTC, ISO 8601.')
/** A moment that comes in, with any offset. */
export const when = z.iso.datetime({ offset: true })
export const count = z.number().int().min(0)
export const speed = z.number().min(0)
export const percent = z.number().min(0).max(100)

/** Text of people: no control characters, so that it cannot forge lines of a log. */
export const plainText = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^\P{Cc}*$/u, { error: 'expected text without control characters' })

/** Why somebody does what the audit will tell. */
export const reasonInput = plainText(200).optional().describe('Why, for the audit.')

/** A whole number from 1: as text in a URL, as number in the program. */
export const boundedInput = (most: number) => z.coerce.number<string | number>().int().min(1).max(most)

/** How long a list may be. */
export const limitInput = (preset: number, most: number) =>
  boundedInput(most).default(preset).describe(`At most so many entries (1 to ${most}).`)

export const SORTS = ['packets', 'bytes', 'flows'] as const
export type Sort = (typeof SORTS)[number]

/** The input of a route that takes none. */
export const nothing = z.strictObject({})
