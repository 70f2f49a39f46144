// A real resolver (unbound) in a namespace of the lab, which answers for one zone out of its memory and asks nobody.

import type { ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../namespace.ts'
import { startDaemon } from '../routers/speaker.ts'
import { ZONE } from './question.ts'

/** Listens on port 53 of these addresses of the role. What it needs is in the folder. */
export function startResolver(
  lab: Lab,
  role: string,
  folder: string,
  addresses: readonly string[],
): ChildProcess {
  const place = join(folder, 'unbound')
  mkdirSync(place)
  const config = join(place, 'unbound.conf')
  writeFileSync(config, configOf(place, addresses))
  return startDaemon(lab, role, folder, ['unbound', '-d', '-p', '-c', config])
}

const configOf = (place: string, addresses: readonly string[]): string => `server:
${addresses.map(address => `  interface: ${address}`).join('\n')}
  do-daemonize: no
  chroot: ""
  username: ""
  directory: "${place}"
  use-syslog: no
  logfile: ""
  num-threads: 1
  access-control: 0.0.0.0/0 allow
  access-control: ::/0 allow
  module-config: "iterator"
  local-zone: "${ZONE}." redirect
  local-data: "${ZONE}. 300 IN A 192.0.2.80"
  local-data: "${ZONE}. 300 IN AAAA 2001:db8::80"
remote-control:
  control-enable: no
`
