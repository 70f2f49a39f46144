// Where the API listens and who gets in there: nobody is let in unnamed from another machine, and keys stay secret.

import { accessSync, constants, statSync } from 'node:fs'
import { isLoopback } from '#lib/ip/loopback.ts'
import { parseListenAddress } from '#lib/listen-address.ts'
import type { Problem, SettingsSource } from '#lib/schema/problem.ts'
import type { Config } from './config.ts'
import { problemAt } from './problems.ts'

const OTHERS_USE = 0o077

export function checkApi({ api, compatibility }: Config, source: SettingsSource): Problem[] {
  const { listen, access, tls } = api
  // DDPS's API has the same users and the same gate.
  const places = [
    ...[listen].flat().map(text => ({ text, path: ['api', 'listen'] })),
    { text: compatibility.ddpsApi.listen, path: ['compatibility', 'ddpsApi', 'listen'] },
  ].filter(({ text }) => text !== 'off')
  if (places.length === 0) return []
  const open = places.filter(({ text }) => !isLoopback(parseListenAddress(text)?.host ?? ''))
  const texts = open.map(({ text }) => text)
  return [
    ...(access.mode === 'none' && open.length > 0 ? [anybody(texts, source)] : []),
    ...(access.mode === 'mtls' && tls?.clientAuthority === undefined ? [noAuthority(source)] : []),
    ...(tls === undefined && open[0] !== undefined ? [plain(texts, open[0].path, source)] : []),
    ...(tls === undefined ? [] : fileProblems(tls, source)),
  ]
}

const anybody = (open: readonly string[], source: SettingsSource): Problem =>
  problemAt(
    source,
    'config-api-open',
    'error',
    ['api', 'access', 'mode'],
    `whoever reaches ${open.join(', ')} would be admin`,
    'choose another mode, or listen on a loopback address such as 127.0.0.1:8080',
  )

const noAuthority = (source: SettingsSource): Problem =>
  problemAt(
    source,
    'config-api-tls',
    'error',
    ['api', 'access', 'mode'],
    'nobody could get in: client certificates alone count, and none are asked for',
    'set api.tls with certificate, key and clientAuthority, or choose another mode',
  )

const plain = (open: readonly string[], path: readonly string[], source: SettingsSource): Problem =>
  problemAt(
    source,
    'config-api-plain',
    'warning',
    path,
    `tokens and passwords travel to ${open.join(', ')} for everybody on the way to read`,
    'set api.tls, or listen on a loopback address behind a proxy that speaks TLS',
  )

/** Warnings only: the files may come before the daemon does, and are tried again until they are there. */
function fileProblems(tls: NonNullable<Config['api']['tls']>, source: SettingsSource): Problem[] {
  return (['certificate', 'key', 'clientAuthority'] as const).flatMap(name => {
    const file = tls[name]
    if (file === undefined) return []
    const report = (message: string, hint: string) => [
      problemAt(source, 'config-api-tls', 'warning', ['api', 'tls', name], message, hint),
    ]
    try {
      accessSync(file, constants.R_OK)
      if (name !== 'key' || (statSync(file).mode & OTHERS_USE) === 0) return []
      return report(`others than its owner can use ${file}`, `chmod 600 ${file}`)
    } catch {
      return report(`${file} cannot be read by this user`, 'the API listens there as soon as it can')
    }
  })
}
