// Every reason for which the API says no: what happened, what it means for traffic, what to do. The codes are stable.

import type { CatalogueEntry } from '#lib/schema/problem.ts'
import type { Problem } from './contract/problem.ts'
import { PROTECTION_ERRORS } from './protection-errors.ts'
import { RULE_ERRORS } from './rule-errors.ts'

export const ERRORS = [
  ...RULE_ERRORS,
  ...PROTECTION_ERRORS,
  {
    code: 'invalid-request',
    status: 400,
    what: 'The request does not fit the contract.',
    means: 'Nothing was done.',
    do: 'Correct the fields that are named.',
  },
  {
    code: 'unauthenticated',
    status: 401,
    what: 'Nobody known sent the request.',
    means: 'Nothing was done.',
    do: 'Send a token as Authorization: Bearer TOKEN, or log in. floodwarden tokens add makes a token.',
  },
  {
    code: 'wrong-login',
    status: 401,
    what: 'Name and password do not belong together.',
    means: 'No session began.',
    do: 'Check both; an admin can set a new password: floodwarden users passwd NAME.',
  },
  {
    code: 'setup-over',
    status: 403,
    what: 'The set-up link is not valid.',
    means: 'Nobody was added.',
    do: 'It works once and for 15 minutes: restart the daemon for another one, or use floodwarden users add.',
  },
  {
    code: 'forbidden',
    status: 403,
    what: 'Whoever sent the request may not do that.',
    means: 'Nothing was done.',
    do: 'Ask an admin for a role that may: floodwarden users list, floodwarden tokens list.',
  },
  {
    code: 'bad-csrf',
    status: 403,
    what: 'The request does not show that a page of ours sent it.',
    means: 'Nothing was done.',
    do: 'Send the csrfToken of GET /api/v1/session in the header X-CSRF-Token.',
  },
  {
    code: 'bad-origin',
    status: 403,
    what: 'A page of somebody else sent the request.',
    means: 'Nothing was done.',
    do: 'Open the console under the address it is served at; add other origins to api.access.origins.',
  },
  {
    code: 'wrong-password',
    status: 403,
    what: 'The present password is not the one that was given.',
    means: 'The password stays as it was.',
    do: 'Give the present password, or have an admin set a new one.',
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
    code: 'unknown-user',
    status: 404,
    what: 'There is no such user.',
    means: 'Nothing was done.',
    do: 'List those there are: floodwarden users list.',
  },
  {
    code: 'unknown-token',
    status: 404,
    what: 'There is no such token.',
    means: 'Nothing was done.',
    do: 'List those there are: floodwarden tokens list.',
  },
  {
    code: 'unknown-mitigation',
    status: 404,
    what: 'No mitigation of this identifier is known.',
    means: 'It never was, or it ended so long ago that it is no longer kept.',
    do: 'List those that are known: floodwarden mitigations list.',
  },
  {
    code: 'unknown-event',
    status: 404,
    what: 'No report of this identifier is kept.',
    means: 'It never came, or so long ago that it is no longer kept.',
    do: 'List those that are kept: floodwarden events.',
  },
  {
    code: 'unknown-version',
    status: 404,
    what: 'No version of this identifier is kept.',
    means: 'It never was, or newer ones took its place.',
    do: 'List those that are kept: GET /api/v1/configuration/history.',
  },
  {
    code: 'unknown-exporter',
    status: 404,
    what: 'No exporter of this address is known.',
    means: 'It sent nothing, or was silent for so long that it is forgotten.',
    do: 'List those that are known: floodwarden exporters.',
  },
  {
    code: 'not-safelisted',
    status: 404,
    what: 'The prefix is not on the safelist.',
    means: 'Nothing was changed.',
    do: 'List what is: floodwarden safelist list.',
  },
  {
    code: 'unknown-series',
    status: 404,
    what: 'No traffic of this series is kept.',
    means: 'It is no network of the configuration, or one of so many that not all are kept.',
    do: 'Name total or network:PREFIX, with a prefix of networks in the configuration.',
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
    code: 'name-taken',
    status: 409,
    what: 'Somebody has this name already.',
    means: 'Nothing was done.',
    do: 'Choose another name, or change or remove the one there is. Names that differ in case alone are the same.',
  },
  {
    code: 'last-admin',
    status: 409,
    what: 'Nobody would be left who may add users.',
    means: 'Nothing was done.',
    do: 'Add another admin first: floodwarden users add NAME --role admin.',
  },
  {
    code: 'too-many-names',
    status: 409,
    what: 'As many users or tokens are kept as can be.',
    means: 'Nothing was done.',
    do: 'Remove those that are no longer needed.',
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
    code: 'configured-entry',
    status: 409,
    what: 'The prefix is safelisted by the configuration file.',
    means: 'It stays safelisted.',
    do: 'Take it out of policy.safelist in the file, or write the section: PUT /api/v1/configuration/safelist.',
  },
  {
    code: 'safelist-full',
    status: 409,
    what: 'As many prefixes are safelisted as can be.',
    means: 'Nothing was added; those that are safelisted stay so.',
    do: 'Remove those that are no longer needed, or safelist wider prefixes.',
  },
  {
    code: 'config-not-written',
    status: 409,
    what: 'The configuration cannot be written over the API.',
    means: 'File and settings in force are as they were.',
    do: 'Read the detail: it names the file and what to do.',
  },
  {
    code: 'changed-meanwhile',
    status: 412,
    what: 'The section is not what it was when it was read.',
    means: 'Nothing was written.',
    do: 'Read it again, apply the change to what is there now, and send its new ETag.',
  },
  {
    code: 'request-in-progress',
    status: 409,
    what: 'The same request, by its Idempotency-Key, is being worked on.',
    means: 'It is done once, and this one did nothing.',
    do: 'Send it again in a second: then it is answered as the first one was.',
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
    code: 'unknown-vector',
    status: 422,
    what: 'No vector has this name.',
    means: 'Nothing was done about the report.',
    do: 'Send a name of docs/reference/vectors.md, a type such as udp_flood, or unknown.',
  },
  {
    code: 'ends-in-the-past',
    status: 422,
    what: 'It would have ended already.',
    means: 'Nothing was added.',
    do: 'Send an end that is still to come.',
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
    means: 'Nothing is ever done to management prefixes, the whitelist and the safelist.',
    do: 'Take it out of policy.managementPrefixes, the whitelist or the safelist (floodwarden safelist) if that is meant.',
  },
  {
    code: 'key-used-otherwise',
    status: 422,
    what: 'The Idempotency-Key belongs to another request.',
    means: 'Nothing was done.',
    do: 'Give each request a key of its own, such as a UUID; only a repetition has the same one.',
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
    code: 'unknown-customer',
    status: 422,
    what: 'The inventory knows no such customer.',
    means: 'Nothing was done.',
    do: 'Name customers by their id in the inventory of the configuration.',
  },
  {
    code: 'rate-limited',
    status: 429,
    what: 'Too many requests came at once.',
    means: 'Nothing was done; nothing is blocked for longer than the answer says.',
    do: 'Wait for the seconds of the header Retry-After; api.access.perIdentity and perAddress are the bounds.',
  },
  {
    code: 'not-a-websocket',
    status: 426,
    what: 'The path is that of a WebSocket.',
    means: 'Nothing was begun.',
    do: 'Connect with a WebSocket client.',
  },
  {
    code: 'if-match-missing',
    status: 428,
    what: 'The request does not say which version it changes.',
    means: 'Nothing was written: somebody else might have changed it.',
    do: 'Read the section, and send its ETag in the header If-Match.',
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
