// Communities in text: `asn:value` (RFC 1997) or `asn:value:value` (RFC 8092), numbers without leading zeros.

export type Community =
  | { readonly kind: 'standard'; readonly number: number }
  | { readonly kind: 'large'; readonly parts: readonly [asn: number, first: number, second: number] }

const NUMBER = '(?:0|[1-9]\\d{0,9})'
const TEXT = new RegExp(`^${NUMBER}:${NUMBER}(?::${NUMBER})?$`)

/** `undefined` when it is neither. */
export function parseCommunity(text: string): Community | undefined {
  if (!TEXT.test(text)) return undefined
  const [asn = 0, first = 0, second] = text.split(':').map(Number)
  if (second === undefined)
    return asn <= 0xffff && first <= 0xffff ? { kind: 'standard', number: asn * 65_536 + first } : undefined
  const isLarge = [asn, first, second].every(part => part <= 0xffff_ffff)
  return isLarge ? { kind: 'large', parts: [asn, first, second] } : undefined
}

export const standardText = (community: number): string =>
  `${Math.floor(community / 65_536)}:${community % 65_536}`

export const isStandard = (text: string): boolean => parseCommunity(text)?.kind === 'standard'
