// Gives a program in a lab's namespace a /var/log of its own: where FastNetMon keeps the files of attacks, which no
// option names. `ip netns exec` gives each program a mount namespace, so nothing outside changes and nothing is left.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** No core file: FastNetMon aborts more often than others. */
const RUN = `ulimit -c 0
mount --bind "$1" /var/log || exit 1
shift
exec "$@"`

const logs = (folder: string): string => join(folder, 'var-log')
/** Where the files of attacks are, seen from outside. */
export const attackFolder = (folder: string): string => join(logs(folder), 'fastnetmon_attacks')

/** The words that run `argv` with a /var/log inside `folder`. */
export function withOwnVarLog(folder: string, argv: readonly string[]): string[] {
  mkdirSync(attackFolder(folder), { recursive: true })
  return ['sh', '-c', RUN, 'sh', logs(folder), ...argv]
}

/** Text files of attacks by name. */
export function attackFiles(folder: string): ReadonlyMap<string, string> {
  const directory = attackFolder(folder)
  const names = readdirSync(directory).filter(name => name.endsWith('.txt'))
  return new Map(names.map(name => [name, readFileSync(join(directory, name), 'utf8')]))
}
