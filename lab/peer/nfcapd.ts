// The collectors of nfdump in a lab's namespace: nfcapd for NetFlow and IPFIX, sfcapd for sFlow. What they took is read at their end.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun } from '../command.ts'
import type { Lab } from '../namespace.ts'

/** By `source target`. */
export type PairTotals = ReadonlyMap<string, { readonly packets: number; readonly bytes: number }>

export interface CapdPlan {
  readonly lab: Lab
  readonly role: string
  readonly program: 'nfcapd' | 'sfcapd'
  readonly port: number
  /** A folder of its own. */
  readonly folder: string
}

export class Capd {
  readonly #child: ChildProcess
  readonly #folder: string

  /** Starts it; it listens a moment later, and ends with the lab at the latest. */
  constructor({ lab, role, program, port, folder }: CapdPlan) {
    mkdirSync(folder)
    this.#folder = folder
    const argv = [program, '-b', '127.0.0.1', '-p', String(port), '-w', folder, '-t', '3600']
    this.#child = lab.spawn(role, argv, { stdio: 'ignore' })
  }

  /** Ends it and adds up its records; it writes its file then. Throws when there is none. */
  async end(): Promise<PairTotals> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await ended
    const [file] = readdirSync(this.#folder).filter(name => /^nfcapd\.\d+$/.test(name))
    if (file === undefined) throw new Error(`no file of records: ${readdirSync(this.#folder).join(' ')}`)
    const format = 'fmt:%sa %da %ipkt %ibyt'
    const argv = [
      'nfdump',
      '-q',
      '-N',
      '-6',
      '-r',
      join(this.#folder, file),
      '-A',
      'srcip,dstip',
      '-o',
      format,
    ]
    return totalsIn(await mustRun(argv))
  }
}

function totalsIn(text: string): PairTotals {
  const totals = new Map<string, { packets: number; bytes: number }>()
  for (const line of text.split('\n')) {
    const found = /^\s*([0-9a-f.:]+)\s+([0-9a-f.:]+)\s+(\d+)\s+(\d+)\s*$/.exec(line)
    if (found === null) continue
    totals.set(`${found[1]} ${found[2]}`, { packets: Number(found[3]), bytes: Number(found[4]) })
  }
  return totals
}
