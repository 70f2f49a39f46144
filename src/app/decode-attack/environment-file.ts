// A file of KEY=VALUE lines, as service managers read it. It is read, never executed: what is no such line says nothing.

import { readBounded } from '../config/read-file.ts'

const BYTES_MAX = 1 << 20
const LINE = /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)=(.*)$/

/** Variables of the file; a file that is not there has none. */
export function readEnvironmentFile(path: string): ReadonlyMap<string, string> {
  const read = readBounded(path, BYTES_MAX)
  const variables = new Map<string, string>()
  if (read.kind !== 'ok') return variables
  for (const line of Buffer.from(read.bytes).toString('utf8').split(/\r?\n/)) {
    const [, name, value] = LINE.exec(line) ?? []
    if (name !== undefined && value !== undefined) variables.set(name, unquoted(value.trim()))
  }
  return variables
}

/** Without quotes around it; behind them, or behind a blank where there are none, a comment may stand. */
function unquoted(value: string): string {
  const quoted = /^(?:"([^"]*)"|'([^']*)')\s*(?:#.*)?$/.exec(value)
  return quoted === null ? value.replace(/\s#.*$/, '').trimEnd() : (quoted[1] ?? quoted[2] ?? '')
}
