// Where the state is said to be: one place, without a secret in the configuration.

import { accessSync, constants, statSync } from 'node:fs'
import type { Problem, SettingsSource } from '#lib/schema/problem.ts'
import type { Config } from './config.ts'
import { problemAt } from './problems.ts'

const OTHERS_READ = 0o004
const PLACES = ['url', 'urlFile', 'urlEnv'] as const

/** What the address itself is stays out of the words: it may hold a password. */
export function checkStore({ store }: Config, source: SettingsSource): Problem[] {
  const { postgres } = store
  if (postgres === undefined) return []
  const path = ['store', 'postgres']
  const report = (at: readonly string[], message: string, hint?: string): Problem =>
    problemAt(source, 'config-store', 'error', at, message, hint)
  const named = PLACES.filter(name => postgres[name] !== undefined)
  if (named.length === 0)
    return [report(path, 'nothing says where the database is', 'give one of url, urlFile and urlEnv')]
  if (named.length > 1)
    return [report(path, `${named.join(' and ')} say where the database is`, 'leave one of them')]
  if (postgres.urlFile !== undefined) return checkFile(postgres.urlFile, source)
  return postgres.url === undefined
    ? []
    : checkUrl(postgres.url, message => report([...path, 'url'], ...message))
}

/** Warnings only: the file may come before the daemon does. */
function checkFile(file: string, source: SettingsSource): Problem[] {
  const report = (message: string, hint?: string) => [
    problemAt(source, 'config-store', 'warning', ['store', 'postgres', 'urlFile'], message, hint),
  ]
  try {
    accessSync(file, constants.R_OK)
    if ((statSync(file).mode & OTHERS_READ) === 0) return []
    return report(`everybody on this machine can read ${file}`, `chmod 600 ${file}`)
  } catch {
    return report(`${file} cannot be read by this user`, 'the state is taken up as soon as it can')
  }
}

function checkUrl(url: string, report: (words: readonly [string, string?]) => Problem): Problem[] {
  const address = URL.parse(url)
  if (address === null || !/^postgres(?:ql)?:$/.test(address.protocol)) {
    return [report(['this is no address of PostgreSQL', 'write it as postgresql://user@host/database'])]
  }
  if (address.password === '' && !address.searchParams.has('password')) return []
  return [
    report([
      'there is a password in it, and the configuration is read by more people than a secret should be',
      'put the whole address into a file that only this user can read, and name that with urlFile; or name a variable with urlEnv',
    ]),
  ]
}
