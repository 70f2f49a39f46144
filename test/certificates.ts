// Certificates of a made-up authority, by the openssl program: Node cannot sign any.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { mayRunProgram } from './may-run-programs.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Paths of PEM files. */
export interface Certified {
  readonly certificate: string
  readonly key: string
}

export interface Authority extends Certified {
  /** A certificate for a name such as `ann` and, as far as it is a server's, for the addresses it is asked by. */
  sign(name: string, alternatives?: string): Certified
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']

/** `undefined`: the test is skipped aloud, because the program is missing. */
export function authorityFor(t: TestContext): Authority | undefined {
  if (!mayRunProgram(t, '/usr/bin/openssl')) return undefined
  const folder = temporaryFolder(t)
  let made = 0
  const make = (name: string, more: readonly string[]): Certified => {
    const [certificate, key] = ['crt', 'key'].map(ending => join(folder, `${name}-${++made}.${ending}`))
    if (certificate === undefined || key === undefined) throw new Error('no name')
    const request = ['req', '-x509', ...EC, '-subj', `/CN=${name}`, '-keyout', key, '-out', certificate]
    execFileSync('/usr/bin/openssl', [...request, ...more], { stdio: 'pipe' })
    return { certificate, key }
  }
  const root = make('authority', [])
  return {
    ...root,
    sign: (name, alternatives) =>
      make(name, [
        ...['-CA', root.certificate, '-CAkey', root.key, '-addext', 'basicConstraints=critical,CA:FALSE'],
        ...(alternatives === undefined ? [] : ['-addext', `subjectAltName=${alternatives}`]),
      ]),
  }
}
