// Which policy protects a victim: by the operator's own table, by asking MITIGATOR where it would send a packet, or the default.

import { type Address, formatAddress } from '#lib/ip/address.ts'
import { contains, type Prefix } from '#lib/ip/prefix.ts'
import type { MitigatorClient } from './client.ts'
import { foundPolicySchema, type InboundPacket, policyOfPacketPath } from './contract.ts'

export interface PolicyMap {
  readonly entries: readonly { readonly prefix: Prefix; readonly policy: number }[]
  readonly asksForPackets: boolean
  /** Undefined: a victim that nothing names has no protection. */
  readonly fallback: number | undefined
}

export type PolicyAnswer =
  | {
      readonly kind: 'found'
      readonly policy: number
      readonly by: 'map' | 'packet' | 'default'
      readonly note?: string
    }
  /** And none will be found later. */
  | { readonly kind: 'none'; readonly error: string }
  | { readonly kind: 'failed'; readonly error: string; readonly isAway: boolean }

/** Documentation addresses (RFC 5737, RFC 3849): the source does not choose the policy where nothing is said of it. */
const SOURCES = { 4: '198.51.100.1', 6: '2001:db8::1' } as const
const ANY_PORT = 1

export async function policyOf(
  client: MitigatorClient,
  map: PolicyMap,
  victim: Address,
  protocol: InboundPacket['protocol'],
): Promise<PolicyAnswer> {
  const mapped = inMap(map, victim)
  if (mapped !== undefined) return { kind: 'found', policy: mapped, by: 'map' }
  if (!map.asksForPackets) return fallback(map)
  const answer = await client.get(
    policyOfPacketPath({
      source: SOURCES[victim.family],
      target: formatAddress(victim),
      ...{ sourcePort: ANY_PORT, targetPort: ANY_PORT, protocol },
    }),
    foundPolicySchema,
  )
  switch (answer.kind) {
    case 'done':
      return { kind: 'found', policy: answer.value.policy_id, by: 'packet' }
    case 'failed':
      return answer
    default:
      return fallback(map, answer.error)
  }
}

/** Of the longest prefix around it. */
function inMap({ entries }: PolicyMap, victim: Address): number | undefined {
  return entries
    .filter(({ prefix }) => contains(prefix, victim))
    .reduce<PolicyMap['entries'][number] | undefined>(
      (best, one) => (best === undefined || one.prefix.length > best.prefix.length ? one : best),
      undefined,
    )?.policy
}

function fallback({ fallback: policy }: PolicyMap, why?: string): PolicyAnswer {
  const note = why === undefined ? {} : { note: `the server names no policy for it: ${why}` }
  if (policy === undefined) return { kind: 'none', error: note.note ?? 'no policy is named for it' }
  return { kind: 'found', policy, by: 'default', ...note }
}
