// Settings of whatever asks a MITIGATOR: from the environment, else from a file like /etc/default/floodwarden.

import type { Trust } from '#8-enforcement/mitigator/exchange.ts'
import type { PolicyMap } from '#8-enforcement/mitigator/policies.ts'
import { type Choice, COUNTERMEASURE_WORDS, countermeasureOf } from '#8-enforcement/mitigator/words.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { SettingsReader, variablesOf } from '../decode-attack/settings-reader.ts'
import { authorityIn, secretIn, serverUrl } from '../outside-server.ts'

export interface MitigatorSettings {
  readonly origin: string
  readonly username: string
  readonly password: string
  readonly trust: Trust
  readonly policies: PolicyMap
  /** Asked before the usual choice. */
  readonly choices: readonly Choice[]
  readonly announces: boolean
  readonly holdMinutes: number
  readonly folder: string
  readonly log: string
  readonly totalSeconds: number
  readonly inputSeconds: number
  readonly connectSeconds: number
  readonly requestSeconds: number
  readonly retries: number
}

type Environment = Readonly<Record<string, string | undefined>>

export type SettledMitigator =
  | { readonly kind: 'settings'; readonly settings: MitigatorSettings }
  /** None holds a secret. */
  | { readonly kind: 'problems'; readonly problems: readonly string[] }

const ENTRIES_MAX = 10_000
const POLICY_MAX = 999_999_999

export function mitigatorSettings(environment: Environment): SettledMitigator {
  const reader = new SettingsReader(variablesOf(environment))
  const settings: MitigatorSettings = {
    origin: originOf(reader),
    username: required(reader, 'MITIGATOR_USER', 'the name of a user of MITIGATOR'),
    password: passwordOf(reader, environment),
    trust: trustOf(reader),
    policies: {
      entries: policyEntries(reader),
      asksForPackets: reader.choice('MITIGATOR_LOOKUP', ['packet', 'off'], 'packet') === 'packet',
      fallback: fallbackOf(reader),
    },
    choices: choicesOf(reader),
    announces: reader.choice('MITIGATOR_ANNOUNCE', ['yes', 'no'], 'no') === 'yes',
    holdMinutes: reader.whole('MITIGATOR_HOLD_MINUTES', 1, 43_200, 1440),
    folder: reader.path('MITIGATOR_FOLDER', '/var/lib/floodwarden-mitigator'),
    log: reader.path('MITIGATOR_LOG', '/var/log/fastnetmon-mitigator.log'),
    totalSeconds: reader.whole('TOTAL_SECONDS', 1, 600, 30),
    inputSeconds: reader.whole('STDIN_SECONDS', 1, 60, 5),
    connectSeconds: reader.whole('MITIGATOR_CONNECT_SECONDS', 1, 60, 3),
    requestSeconds: reader.whole('MITIGATOR_REQUEST_SECONDS', 1, 300, 30),
    retries: reader.whole('MITIGATOR_RETRIES', 0, 10, 3),
  }
  return reader.problems.length === 0
    ? { kind: 'settings', settings }
    : { kind: 'problems', problems: reader.problems }
}

/** A name alone means HTTPS, as MITIGATOR's own tools take it. */
function originOf(reader: SettingsReader): string {
  const example = 'https://mitigator.example.org'
  const text = required(reader, 'MITIGATOR_SERVER', `the address of MITIGATOR, such as ${example}`)
  if (text === '') return ''
  const place = serverUrl(/^[a-z]+:\/\//.test(text) ? text : `https://${text}`, example)
  if (place.kind === 'refused') {
    reader.complain('MITIGATOR_SERVER', `cannot be used: ${place.problem}`)
    return ''
  }
  const { origin } = new URL(place.value)
  if (place.value !== origin)
    reader.complain('MITIGATOR_SERVER', `has a path, and the API has its own: ${origin}`)
  return origin
}

/** Never from the settings file, which others may read. */
function passwordOf(reader: SettingsReader, environment: Environment): string {
  const direct = environment['FLOODWARDEN_MITIGATOR_PASSWORD']
  if (direct) return direct
  const usage = 'a file with the password alone, which its owner alone may read'
  if (reader.text('MITIGATOR_PASSWORD') !== undefined)
    reader.complain(
      'MITIGATOR_PASSWORD',
      `does not belong into the settings: write MITIGATOR_PASSWORD_FILE, ${usage}`,
    )
  const path = required(reader, 'MITIGATOR_PASSWORD_FILE', usage)
  if (path === '') return ''
  const secret = secretIn(path, 'the password')
  if (secret.kind === 'refused') {
    reader.complain('MITIGATOR_PASSWORD_FILE', `cannot be used: ${secret.problem}`)
    return ''
  }
  const password = secret.value.replace(/\r?\n[\s\S]*$/, '')
  if (password === '')
    reader.complain('MITIGATOR_PASSWORD_FILE', `holds no password in its first line: ${path}`)
  return password
}

function trustOf(reader: SettingsReader): Trust {
  const caFile = reader.text('MITIGATOR_CA_FILE')
  if (reader.choice('MITIGATOR_VERIFY', ['yes', 'no'], 'yes') === 'no') {
    if (caFile !== undefined)
      reader.complain(
        'MITIGATOR_VERIFY',
        'is no, and MITIGATOR_CA_FILE says whom to believe: take one of them out',
      )
    return { kind: 'anybody' }
  }
  const authority = authorityIn(caFile)
  if (authority.kind === 'refused') {
    reader.complain('MITIGATOR_CA_FILE', `cannot be used: ${authority.problem}`)
    return { kind: 'system' }
  }
  return authority.value.authority === undefined
    ? { kind: 'system' }
    : { kind: 'authority', pem: authority.value.authority }
}

function policyEntries(reader: SettingsReader): PolicyMap['entries'] {
  const form = 'is a list such as 203.0.113.0/24=7, 2001:db8::/32=9'
  return pairsOf(reader, 'MITIGATOR_POLICIES', form).flatMap(([text, number]) => {
    const prefix = parsePrefix(text)
    const policy = policyNumber(number)
    if (prefix !== undefined && policy !== undefined) return [{ prefix, policy }]
    reader.complain(
      'MITIGATOR_POLICIES',
      `${form}: ${JSON.stringify(`${text}=${number}`)} is no prefix with a policy`,
    )
    return []
  })
}

function fallbackOf(reader: SettingsReader): number | undefined {
  const text = reader.text('MITIGATOR_POLICY') ?? '1'
  if (text === 'none') return undefined
  const policy = policyNumber(text)
  if (policy === undefined)
    reader.complain('MITIGATOR_POLICY', 'is the number of a policy, or none: 1 is the default policy')
  return policy
}

function choicesOf(reader: SettingsReader): readonly Choice[] {
  const form = 'is a list such as udp_flood=rate-limit, gre=sorb'
  return pairsOf(reader, 'MITIGATOR_COUNTERMEASURES', form).flatMap(([word, name]) => {
    const countermeasure = countermeasureOf(name)
    if (countermeasure !== undefined) return [{ word: word.toLowerCase(), countermeasure }]
    reader.complain(
      'MITIGATOR_COUNTERMEASURES',
      `has no countermeasure ${JSON.stringify(name)}: there are ${COUNTERMEASURE_WORDS.join(', ')}`,
    )
    return []
  })
}

/** `a=b, c=d`: commas or blanks part them. */
function pairsOf(reader: SettingsReader, name: string, form: string): readonly (readonly [string, string])[] {
  const words = (reader.text(name) ?? '').split(/[\s,]+/).filter(word => word !== '')
  if (words.length > ENTRIES_MAX) {
    reader.complain(name, `has more than ${ENTRIES_MAX} entries`)
    return []
  }
  return words.flatMap(word => {
    const [left = '', right = '', ...more] = word.split('=')
    if (left !== '' && right !== '' && more.length === 0) return [[left, right] as const]
    reader.complain(name, `${form}: ${JSON.stringify(word)} is none`)
    return []
  })
}

function policyNumber(text: string): number | undefined {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
  return value > 0 && value <= POLICY_MAX ? value : undefined
}

function required(reader: SettingsReader, name: string, what: string): string {
  const text = reader.text(name)
  if (text === undefined) reader.complain(name, `is missing: ${what}`)
  return text ?? ''
}
