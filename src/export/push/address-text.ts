// The address of a host in columns as text, without a detour for IPv4, of which there may be very many.

import { addressOfWords } from '#3-traffic/network-table.ts'
import { formatAddress, formatPadded, parseAddress } from '#lib/ip/address.ts'
import type { HostColumns } from './snapshot.ts'

/** How IPv6 is written: RFC 5952, or with zeros as FastNetMon does. */
export type AddressForm = 'canonical' | 'padded'

/** `dot` stands between the octets of IPv4. */
export function hostText(
  { families, addresses }: HostColumns,
  row: number,
  dot: '.' | '_',
  form: AddressForm,
): string {
  const word = addresses[row * 4]!
  if (families[row] === 4)
    return `${word & 255}${dot}${(word >>> 8) & 255}${dot}${(word >>> 16) & 255}${dot}${word >>> 24}`
  const address = addressOfWords(
    word,
    addresses[row * 4 + 1]!,
    addresses[row * 4 + 2]!,
    addresses[row * 4 + 3]!,
  )
  return form === 'padded' ? formatPadded(address) : formatAddress(address)
}

/** A prefix in the form that hosts have. */
export function prefixText(prefix: string, form: AddressForm): string {
  const [address = '', length] = prefix.split('/')
  const parsed = form === 'padded' ? parseAddress(address) : undefined
  return parsed === undefined ? prefix : `${formatPadded(parsed)}/${length}`
}

export const isIpv6 = (prefix: string): boolean => prefix.includes(':')
