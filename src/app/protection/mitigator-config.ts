// From settings of the configuration to those of whatever asks a MITIGATOR. Secrets are read here, and are in no message.

import type { MitigatorConfig } from '#8-enforcement/mitigator/config.ts'
import type { Trust } from '#8-enforcement/mitigator/exchange.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import type { SettledMitigator } from '../mitigator/settings.ts'
import { authorityIn, secretIn, serverUrl } from '../outside-server.ts'

export const PASSWORD_VARIABLE = 'FLOODWARDEN_MITIGATOR_PASSWORD'
/** One attempt; what is not done by then is gone on with later. */
const TOTAL_SECONDS = 60
/** Holds are held anew at each look, which is once an hour at least. */
const HOLD_MINUTES = 1440

export function mitigatorSettingsOf(
  config: MitigatorConfig,
  folder: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): SettledMitigator {
  const problems: string[] = []
  const need = (value: string | undefined, key: string, what: string): string => {
    if (value === undefined) problems.push(`protection.mitigator.${key} is missing: ${what}`)
    return value ?? ''
  }
  const origin = originOf(need(config.server, 'server', 'the address of the MITIGATOR'), problems)
  const username = need(config.user, 'user', 'the name of a user there')
  const password = passwordOf(config, environment, problems)
  const trust = trustOf(config, problems)
  const entries = Object.entries(config.policies).flatMap(([text, policy]) => {
    const prefix = parsePrefix(text)
    return prefix === undefined ? [] : [{ prefix, policy }]
  })
  if (problems.length > 0) return { kind: 'problems', problems }
  const { announces, connectSeconds, requestSeconds, retries, fallbackPolicy, lookup } = config
  return {
    kind: 'settings',
    settings: {
      ...{ origin, username, password, trust, announces, connectSeconds, requestSeconds, retries, folder },
      policies: { entries, asksForPackets: lookup === 'packet', fallback: fallbackPolicy },
      ...{ choices: [], holdMinutes: HOLD_MINUTES, log: '', totalSeconds: TOTAL_SECONDS, inputSeconds: 1 },
    },
  }
}

function originOf(text: string, problems: string[]): string {
  if (text === '') return ''
  const found = serverUrl(
    /^[a-z]+:\/\//.test(text) ? text : `https://${text}`,
    'https://mitigator.example.org',
  )
  if (found.kind === 'refused') {
    problems.push(`protection.mitigator.server: ${found.problem}`)
    return ''
  }
  return new URL(found.value).origin
}

function passwordOf(
  { passwordFile }: MitigatorConfig,
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): string {
  const direct = environment[PASSWORD_VARIABLE]
  if (passwordFile === undefined) {
    if (!direct)
      problems.push(`protection.mitigator.passwordFile is missing, and ${PASSWORD_VARIABLE} is not set`)
    return direct ?? ''
  }
  const secret = secretIn(passwordFile, 'the password')
  if (secret.kind === 'refused') {
    problems.push(`protection.mitigator.passwordFile: ${secret.problem}`)
    return ''
  }
  const password = secret.value.replace(/\r?\n[\s\S]*$/, '')
  if (password === '')
    problems.push(`protection.mitigator.passwordFile: the first line of ${passwordFile} is empty`)
  return password
}

function trustOf({ verify, caFile }: MitigatorConfig, problems: string[]): Trust {
  if (!verify) return { kind: 'anybody' }
  const authority = authorityIn(caFile)
  if (authority.kind === 'refused') {
    problems.push(`protection.mitigator.caFile: ${authority.problem}`)
    return { kind: 'system' }
  }
  const pem = authority.value.authority
  return pem === undefined ? { kind: 'system' } : { kind: 'authority', pem }
}
