// Whether mails can be sent at all, asked before the first attack rather than during it.

import type { Problem, SettingsSource } from '#lib/schema/problem.ts'
import type { Config } from './config.ts'
import { isReadable } from './is-readable.ts'
import { problemAt } from './problems.ts'

/** Warnings only: detection does not need mails. */
export function checkMail(config: Config, source: SettingsSource): Problem[] {
  const { server, to, tls, user, passwordFile, caFile } = config.notify.email
  if (server === 'off') return []
  const report = (key: string, message: string): Problem =>
    problemAt(source, 'config-mail', 'warning', ['notify', 'email', key], message)
  const files = { passwordFile, caFile }
  return [
    ...(to.length === 0 ? [report('to', 'nobody is named to write to: no mail is sent')] : []),
    ...(user !== undefined && passwordFile === undefined
      ? [report('user', 'there is a user and no passwordFile: the login has an empty password')]
      : []),
    ...(user !== undefined && tls === 'off'
      ? [report('tls', 'tls is off: the password crosses the network in the open')]
      : []),
    ...Object.entries(files).flatMap(([key, path]) =>
      path === undefined || isReadable(path) ? [] : [report(key, `${path} cannot be read by this user`)],
    ),
  ]
}
