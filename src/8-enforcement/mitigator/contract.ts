// What is known of MITIGATOR's HTTP API v4: paths, questions and answers, in one place. It is a commercial product whose
// reference is not public; what is only concluded from its names is marked as inferred.

import { z } from 'zod'

/** Below the address of the server. */
const BASE = '/api/v4'

export const PATHS = {
  /** POST `{username, password}` gives a token. */
  session: `${BASE}/users/session`,
  /** 200: the token is good. */
  ping: `${BASE}/backend/ping`,
  version: `${BASE}/backend/version`,
  policies: `${BASE}/policies/policies`,
  policyOfPacket: `${BASE}/policies/by_inbound_packet`,
} as const

/** Carries the token of a session. */
export const TOKEN_HEADER = 'x-auth-token'

/** A policy by its number; undefined means General protection, which is before and behind all policies. */
export type PolicyId = number | undefined

/** `state`: the policy as a whole. `announce`: its BGP diversion. `monitor`: it counts and drops nothing. Else a countermeasure. */
export type SwitchName = string

const SWITCH_NAME = /^[a-z][a-z0-9_]{1,31}$/
export const isSwitchName = (text: string): boolean => SWITCH_NAME.test(text)

const ofPolicy = (path: string, policy: PolicyId): string =>
  policy === undefined ? `${BASE}/${path}` : `${BASE}/${path}?policy=${policy}`

/** GET and PUT of a switch, and the field of the body that says how it stands. */
export function switchAt(
  name: SwitchName,
  policy: PolicyId,
): { readonly path: string; readonly field: string } {
  switch (name) {
    case 'state':
      return { path: ofPolicy('toggle/switch', policy), field: 'switch' }
    case 'announce':
      return { path: ofPolicy('bgp/announce', policy), field: 'switch' }
    case 'monitor':
      return { path: `${BASE}/policies/monitor_mode/${policy ?? ''}`, field: 'monitor_mode' }
    default:
      return { path: ofPolicy(`${name}/switch`, policy), field: 'switch' }
  }
}

export const settingsPath = (countermeasure: string, policy: PolicyId): string =>
  ofPolicy(`${countermeasure}/settings`, policy)

export const aclEntriesPath = (policy: PolicyId): string => ofPolicy('acl/entries', policy)

/** The list of IPv6 has the name of its countermeasure there (inferred). */
export const blockPath = (family: 4 | 6, policy: number): string =>
  `${BASE}/${family === 6 ? 'tbl6' : 'tbl'}/items?policy=${policy}&no_logs=false&source=1`

/** All of it is mandatory; ports that nobody knows may be made up. Names of protocols as in its filters (inferred). */
export interface InboundPacket {
  readonly source: string
  readonly target: string
  readonly sourcePort: number
  readonly targetPort: number
  readonly protocol: 'tcp' | 'udp' | 'icmp'
}

export function policyOfPacketPath(packet: InboundPacket): string {
  const query = new URLSearchParams({
    src_address: packet.source,
    dst_address: packet.target,
    src_port: String(packet.sourcePort),
    dst_port: String(packet.targetPort),
    protocol: packet.protocol,
  })
  return `${PATHS.policyOfPacket}?${query}`
}

/** What stands in `data` of each answer. Fields that we do not need are borne. */
export const tokenSchema = z.looseObject({ token: z.string().regex(/^[\x21-\x7e]{1,4096}$/) })
export const versionSchema = z.looseObject({ version: z.string().max(200) })
export const policySchema = z.looseObject({
  id: z.int().positive(),
  name: z.string(),
  auto_mitigation: z.boolean().optional(),
  is_default: z.boolean().optional(),
})
export const policiesSchema = z.array(policySchema)
export type Policy = z.infer<typeof policySchema>
export const foundPolicySchema = z.looseObject({ policy_id: z.int().positive() })
export const switchSchema = (field: string) => z.looseObject({ [field]: z.boolean() })

/** Rate of each source over which SORB blocks it; for how long stands in `block_time`, as elsewhere in the API (inferred). */
export const sorbSettingsSchema = z.looseObject({
  pps: z.number().optional(),
  block_time: z.number().optional(),
})
export type SorbSettings = z.infer<typeof sorbSettingsSchema>

/** Rules in its own words, one for each (inferred). */
export const aclEntriesSchema = z.union([
  z.array(z.string()),
  z.looseObject({ entries: z.array(z.string()) }),
])
export type AclEntries = z.infer<typeof aclEntriesSchema>

/** An answer that succeeded; and one that failed, of which the text is for people. */
export const successSchema = z.looseObject({ data: z.unknown().optional() })
export const failureSchema = z.looseObject({ error: z.unknown() })
