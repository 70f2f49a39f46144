// Every reason for which the API says no: what happened, what it means for traffic, what to do. The codes are stable.

import type { CatalogueEntry } from '#lib/schema/problem.ts'
import type { Problem } from './contract/problem.ts'

export const ERRORS = [
  {
    code: 'invalid-request',
    status: 400,
    what: 'The request does not fit the contract.',
    means: 'Nothing was done.',
    do: 'Correct the fields that are named.',
  },
  {
    code: 'unknown-path',
    status: 404,
    what: 'There is no such path or method.',
    means: 'Nothing was done.',
    do: 'Compare with the API reference; the client may be of another version.',
  },
  {
    code: 'unknown-attack',
    status: 404,
    what: 'No attack of this identifier is known.',
    means: 'It never was, or it ended so long ago that it is no longer kept.',
    do: 'List the attacks that are known: floodwarden attacks.',
  },
  {
    code: 'unknown-limit',
    status: 404,
    what: 'No learned limit has this name.',
    means: 'Limits stay as they were.',
    do: 'List what traffic suggests: floodwarden limits.',
  },
  {
    code: 'not-banned',
    status: 404,
    what: 'What was named is under no ban.',
    means: 'Nothing was withdrawn.',
    do: 'List what is: floodwarden bans.',
  },
  {
    code: 'already-banned',
    status: 409,
    what: 'The host is under a ban already.',
    means: 'The present ban goes on unchanged.',
    do: 'End it first if it shall last otherwise: floodwarden unban HOST.',
  },
  {
    code: 'ambiguous',
    status: 409,
    what: 'Several open attacks are on what was named.',
    means: 'All of them go on.',
    do: 'Name the attack that is meant by its identifier: floodwarden attacks lists them.',
  },
  {
    code: 'too-many-bans',
    status: 409,
    what: 'As many hosts are under action as policy allows.',
    means: 'The host is not banned; present bans go on.',
    do: 'End bans that are no longer needed, or raise policy.bansMax.',
  },
  {
    code: 'cannot-simulate',
    status: 404,
    what: 'There is no such attack, vector or playbook.',
    means: 'Nothing was simulated.',
    do: 'Name an attack of floodwarden attacks, a vector of docs/reference/vectors.md, a playbook of the configuration.',
  },
  {
    code: 'nothing-to-arm',
    status: 409,
    what: 'Nothing is configured that could carry anything out.',
    means: 'It stays a dry run.',
    do: 'Configure enforcement.notifyScript, enforcement.gobgp or enforcement.exabgp first.',
  },
  {
    code: 'request-too-large',
    status: 413,
    what: 'The body of the request is too large.',
    means: 'Nothing was done.',
    do: 'Send one small JSON object.',
  },
  {
    code: 'not-json',
    status: 415,
    what: 'The body of the request is not JSON.',
    means: 'Nothing was done.',
    do: 'Send a JSON object with Content-Type: application/json.',
  },
  {
    code: 'outside-networks',
    status: 422,
    what: 'The host does not belong to the networks that are watched.',
    means: 'Nothing is ever done to hosts that are not ours.',
    do: 'Check the address, or add its prefix to networks.',
  },
  {
    code: 'protected-host',
    status: 422,
    what: 'The host is protected by configuration.',
    means: 'Nothing is ever done to management prefixes and the whitelist.',
    do: 'Take it out of policy.managementPrefixes or the whitelist if that is meant.',
  },
  {
    code: 'refused-by-policy',
    status: 422,
    what: 'Policy refuses the action.',
    means: 'Nothing was done.',
    do: 'Read the detail: it names the rule that refuses.',
  },
  {
    code: 'config-refused',
    status: 422,
    what: 'The configuration is refused.',
    means: 'The one before stays in force, all of it; detection and bans go on.',
    do: 'Correct what is named, then reload again; floodwarden check FILE tells the same without a daemon.',
  },
  {
    code: 'internal',
    status: 500,
    what: 'The daemon failed to answer.',
    means: 'Detection goes on; whether the request took effect is not known.',
    do: 'Look into the log of the daemon, then ask for the present state.',
  },
  {
    code: 'state-unavailable',
    status: 503,
    what: 'The state on disk cannot be asked just now.',
    means: 'Detection, bans and unbans go on; nothing was saved.',
    do: 'Look at floodwarden status: it says what keeps the state from its disk or database.',
  },
  {
    code: 'not-ready',
    status: 503,
    what: 'The daemon is starting or stopping.',
    means: 'Nothing was done.',
    do: 'Try again in a few seconds.',
  },
] as const satisfies readonly ApiError[]

/** An entry of the catalogue with the HTTP status it is answered with. */
export interface ApiError extends CatalogueEntry {
  readonly status: number
}

export type ErrorCode = (typeof ERRORS)[number]['code']

const BY_CODE = new Map<string, ApiError>(ERRORS.map(entry => [entry.code, entry]))

/** The problem document of a code. */
export function problemOf(code: ErrorCode, detail?: string, errors?: Problem['errors']): Problem {
  const entry = BY_CODE.get(code)
  if (entry === undefined) throw new Error(`no catalogue entry for ${code}`)
  return {
    type: `urn:floodwarden:error:${code}`,
    title: entry.what,
    status: entry.status,
    code,
    ...(detail === undefined ? {} : { detail }),
    means: entry.means,
    do: entry.do,
    ...(errors === undefined ? {} : { errors }),
  }
}
