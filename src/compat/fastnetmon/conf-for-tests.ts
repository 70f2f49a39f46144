// A fastnetmon.conf as text, read on a made-up machine: what it says and what it sets, for tests.

import { readConf } from './conf.ts'
import type { ListFile, OutsideOfConf } from './conf-section.ts'

export const CAPTURE = 'mirror_afpacket = on\ninterfaces = eth0\n'

/** A machine on which these files exist. */
const machine = (files: Readonly<Record<string, string>>): OutsideOfConf => ({
  exists: path => path in files,
  readList(path): ListFile {
    const text = files[path]
    return text === undefined ? { kind: 'missing' } : { kind: 'ok', text }
  },
})

export const read = (text: string, files: Readonly<Record<string, string>> = {}) =>
  readConf(text, 'f.conf', machine({ '/etc/networks_list': '10.0.0.0/8\n', ...files }))

/** `file:line severity code` of each problem. */
export const said = (text: string, files?: Readonly<Record<string, string>>) =>
  read(text, files).problems.map(({ file, line, severity, code }) => `${file}:${line} ${severity} ${code}`)

/** `line:column message` of the problems of one kind, in the order of the lines. */
export const messages = (text: string, code: string, files?: Readonly<Record<string, string>>) =>
  read(text, files)
    .problems.filter(problem => problem.code === code)
    .toSorted((a, b) => a.line - b.line)
    .map(({ line, column, message }) => `${line}:${column} ${message}`)

export function setting(text: string, path: string, files?: Readonly<Record<string, string>>): unknown {
  const { settings } = read(text, files)
  return path.split('.').reduce<unknown>((at, key) => Reflect.get(Object(at), key), settings)
}
