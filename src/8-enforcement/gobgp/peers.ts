// Sessions as gobgpd reports them, in answers of ListPeer and events of WatchEvent.

import { z } from 'zod'
import { SESSION_STATES, type SessionReport, type SessionState } from '../bgp/sessions.ts'

const familySchema = z.looseObject({ afi: z.number().default(0), safi: z.number().default(0) })
const peerSchema = z.looseObject({
  conf: z
    .looseObject({ neighbor_address: z.string().default(''), peer_asn: z.number().default(0) })
    .nullish(),
  state: z.looseObject({
    neighbor_address: z.string().default(''),
    peer_asn: z.number().default(0),
    session_state: z.string().default(''),
  }),
  afi_safis: z
    .array(
      z.looseObject({
        state: z
          .looseObject({ family: familySchema.nullish(), enabled: z.boolean().default(false) })
          .nullish(),
      }),
    )
    .default([]),
})
const reportSchema = z.looseObject({ peer: z.unknown() })
const eventSchema = z.looseObject({ peer: z.looseObject({ peer: z.unknown() }) })

/** Of an answer of ListPeer; `undefined` when it names nobody. */
export const reportOf = (answer: object): SessionReport | undefined =>
  sessionOf(reportSchema.safeParse(answer).data?.peer)

/** Of an event of WatchEvent; `undefined` when it names nobody, as the end of the first ones does. */
export const eventOf = (event: object): SessionReport | undefined =>
  sessionOf(eventSchema.safeParse(event).data?.peer.peer)

function sessionOf(peer: unknown): SessionReport | undefined {
  const parsed = peerSchema.safeParse(peer)
  if (!parsed.success) return undefined
  const { conf, state, afi_safis } = parsed.data
  const address = state.neighbor_address || (conf?.neighbor_address ?? '')
  if (address === '') return undefined
  const families = afi_safis.map(afiSafi => afiSafi.state)
  return {
    address,
    asn: state.peer_asn || (conf?.peer_asn ?? 0),
    state: stateOf(state.session_state),
    afiSafis: families.flatMap(found => (found?.enabled && found.family ? [familyText(found.family)] : [])),
  }
}

const stateOf = (name: string): SessionState =>
  SESSION_STATES.find(state => state === name.toLowerCase()) ?? 'unknown'

const AFIS: Readonly<Record<number, string>> = { 1: 'ipv4', 2: 'ipv6' }
const SAFIS: Readonly<Record<number, string>> = { 1: 'unicast', 133: 'flowspec' }

/** Names of IANA's families that we announce; numbers for the others. */
const familyText = ({ afi, safi }: { readonly afi: number; readonly safi: number }): string =>
  `${AFIS[afi] ?? afi}-${SAFIS[safi] ?? safi}`
