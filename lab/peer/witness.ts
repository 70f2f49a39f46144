// What really arrived at an interface, and when: a third witness beside two detectors that are compared.

import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { PcapFile } from '#1-capture/pcap-file/pcap-file.ts'
import type { End, Lab } from '../namespace.ts'

/** Packets to or from one host: when, in milliseconds since 1970, and how long on the wire. */
export interface Arrivals {
  readonly times: readonly number[]
  readonly bytes: readonly number[]
}

/** Ethernet and the IPv4 header are enough. */
const SNAP_BYTES = 40
const SOURCE_AT = 26
const TARGET_AT = 30

export class Witness implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  readonly #file: string
  #said = ''

  /** Records the IPv4 packets of these hosts into `file`; settles when it listens. */
  static async start(lab: Lab, end: End, hosts: readonly string[], file: string): Promise<Witness> {
    const witness = new Witness(lab, end, hosts, file)
    while (!witness.#said.includes('listening on')) {
      await Promise.race([once(witness.#child.stderr!, 'data'), witness.#closed])
      assert.ok(witness.#isRunning, `tcpdump ended: ${witness.#said}`)
    }
    return witness
  }

  private constructor(lab: Lab, end: End, hosts: readonly string[], file: string) {
    this.#file = file
    const filter = hosts.map(host => `host ${host}`).join(' or ')
    const argv = ['tcpdump', '-n', '-i', end.interface, '-s', `${SNAP_BYTES}`, '-B', '32768', '-Z', 'root']
    this.#child = lab.spawn(end.role, [...argv, '-w', file, `ip and (${filter})`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#closed = once(this.#child, 'close')
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text
    })
  }

  get #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Ends the recording and gives what arrived, by host; fails when it missed a packet. */
  async end(hosts: readonly string[]): Promise<ReadonlyMap<string, Arrivals>> {
    await this[Symbol.asyncDispose]()
    assert.match(this.#said, /\b0 packets dropped by kernel/)
    return arrivalsIn(this.#file, hosts)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isRunning) this.#child.kill('SIGINT')
    await this.#closed
  }
}

function arrivalsIn(file: string, hosts: readonly string[]): ReadonlyMap<string, Arrivals> {
  const found = new Map(hosts.map(host => [host, { times: [] as number[], bytes: [] as number[] }]))
  const byNumber = new Map([...found].map(([host, arrivals]) => [numberOf(host), arrivals]))
  const packets = new PcapFile(file)
  while (packets.next()) {
    const { view, at } = packets
    const arrivals =
      byNumber.get(view.getUint32(at + TARGET_AT)) ?? byNumber.get(view.getUint32(at + SOURCE_AT))
    arrivals?.times.push(packets.seconds * 1000 + packets.nanoseconds / 1e6)
    arrivals?.bytes.push(packets.wire)
  }
  packets.close()
  assert.equal(packets.problem, undefined)
  return found
}

const numberOf = (host: string): number =>
  host.split('.').reduce((number, part) => number * 256 + Number(part), 0)
