// A gateway that protects a server with the verbs `protect …`: an attacker, the gateway, and the server with a neighbour
// address behind it, in namespaces of their own.

import assert from 'node:assert/strict'
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { nftProgram, type RunNft } from '#8-enforcement/nftables/nft-program.ts'
import type { Result } from '../../lab/command.ts'
import { type Flood, type FloodOptions, sentSchema, startFlood } from '../../lab/flood.ts'
import { Lab, type Link } from '../../lab/namespace.ts'
import type { Sent } from '../../lab/sent.ts'
import type { TimedFrame } from '../../lab/timeline.ts'
import { writePcap } from '../../lab/write-pcap.ts'

export const VICTIM = '10.10.10.10'
export const NEIGHBOUR = '10.10.10.11'
export const VICTIM_6 = '2001:db8:10::10'

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname
const SERVER = new URL('./echo-server.ts', import.meta.url).pathname
const CLIENT = new URL('./echo-client.ts', import.meta.url).pathname
const PLAY = new URL('../../lab/play.ts', import.meta.url).pathname

/** Packets that the server received from a source for a target. */
export type Seen = (source: string, target: string) => number

const pairsSchema = z.object({
  nftables: z.array(
    z.object({
      set: z
        .object({
          elem: z
            .array(
              z.object({
                elem: z.object({
                  val: z.object({ concat: z.tuple([z.string(), z.string()]) }),
                  counter: z.object({ packets: z.number() }),
                }),
              }),
            )
            .optional(),
        })
        .optional(),
    }),
  ),
})

const PLAN = {
  links: [
    {
      from: { role: 'attacker', addresses: ['198.51.100.1/24', '2001:db8:1::1/64'] },
      to: { role: 'gateway', addresses: ['198.51.100.254/24', '2001:db8:1::fe/64'] },
    },
    {
      from: { role: 'gateway', addresses: ['10.10.10.1/24', '2001:db8:10::1/64'] },
      to: {
        role: 'server',
        addresses: [`${VICTIM}/24`, `${NEIGHBOUR}/24`, `${VICTIM_6}/64`],
      },
    },
  ],
  ipv6: true,
  forwarding: ['gateway'],
  routes: {
    attacker: ['default via 198.51.100.254', 'default via 2001:db8:1::fe'],
    // Answers to addresses that do not exist leave the way they came.
    gateway: [
      'default via 198.51.100.1',
      'default via 2001:db8:1::1',
      `10.10.20.0/24 via ${VICTIM}`,
      `2001:db8:20::/64 via ${VICTIM_6}`,
    ],
    server: [
      'default via 10.10.10.1',
      'default via 2001:db8:10::1',
      // Many victims: all of these are its own addresses.
      'local 10.10.20.0/24 dev lo',
      'local 2001:db8:20::/64 dev lo',
    ],
  },
}

export class ProtectedLab implements AsyncDisposable {
  readonly #lab: Lab
  readonly #folder: string

  private constructor(lab: Lab, folder: string) {
    this.#lab = lab
    this.#folder = folder
  }

  static async create(folder: string): Promise<ProtectedLab> {
    return new ProtectedLab(await Lab.create(PLAN), folder)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lab[Symbol.asyncDispose]()
  }

  /** The cable from the attacker to the gateway. */
  get #outside(): Link {
    const [link] = this.#lab.links
    assert.ok(link)
    return link
  }

  get gatewayOutside(): string {
    return this.#outside.to.interface
  }

  /** Towards the attacker. */
  get gatewayMac(): string {
    return this.#outside.to.mac
  }

  get gatewayDevices(): readonly string[] {
    return this.#lab.links
      .flatMap(({ from, to }) => [from, to])
      .flatMap(end => (end.role === 'gateway' ? [end.interface] : []))
  }

  /** nft on the gateway. */
  get nft(): RunNft {
    const run = nftProgram('ip')
    const before = ['netns', 'exec', this.#lab.namespace('gateway'), 'nft']
    return request => run({ ...request, argv: [...before, ...request.argv] })
  }

  /** Packets of the attacker's own connections come with checksums that need no check, as from a card that has checked them. */
  async checkByCard(): Promise<void> {
    await this.exec('attacker', ['ethtool', '-K', this.#outside.from.interface, 'tx', 'on'])
  }

  async forgetNeighbours(): Promise<void> {
    for (const role of ['gateway', 'server', 'attacker'] as const)
      await this.exec(role, ['ip', 'neighbour', 'flush', 'all'])
  }

  async exec(role: 'attacker' | 'gateway' | 'server', argv: readonly string[], input = ''): Promise<string> {
    const { code, stdout, stderr } = await this.#lab.exec(role, argv, { input })
    assert.equal(code, 0, `${argv.join(' ')}: ${stderr}`)
    return stdout
  }

  /** A program that runs until the lab is taken down, or it is ended. */
  spawn(role: 'attacker' | 'gateway', argv: readonly string[], options: SpawnOptions): ChildProcess {
    return this.#lab.spawn(role, argv, options)
  }

  /** `floodwarden protect …` on the gateway. */
  protect(...words: readonly string[]): Promise<Result> {
    return this.#lab.exec('gateway', [process.execPath, MAIN, 'protect', ...words])
  }

  async mustProtect(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.protect(...words)
    assert.equal(code, 0, stderr)
    return stdout
  }

  /** The same, to be killed. */
  startProtect(...words: readonly string[]): ChildProcess {
    return this.#lab.spawn('gateway', [process.execPath, MAIN, 'protect', ...words], { stdio: 'ignore' })
  }

  /** `place` has further keys of the file. */
  fileOf(profiles: object, place: object = {}): string {
    const file = join(this.#folder, 'profiles.yaml')
    writeFileSync(file, JSON.stringify({ ...place, profiles }))
    return file
  }

  apply(profiles: object, ...flags: readonly string[]): Promise<string> {
    return this.mustProtect('apply', '--file', this.fileOf(profiles), '--yes', ...flags)
  }

  /** From the attacker towards the server. */
  flood(options: Omit<FloodOptions, 'targetMac'>): Flood {
    return startFlood(this.#lab, this.#outside, { ...options, targetMac: 'peer' })
  }

  /** Packets that the server's interface has received. */
  async arrived(): Promise<number> {
    const [, link] = this.#lab.links
    assert.ok(link)
    return (await this.#lab.counters(link.to)).receivedPackets
  }

  /** How many of so many pings are answered. */
  async pings(target: string, count: number): Promise<number> {
    const { stdout } = await this.#lab.exec('attacker', [
      ...['busybox', 'ping', '-c', `${count}`, '-i', '0.1', '-W', '1', target],
    ])
    return Number(/(\d+) packets received/.exec(stdout)?.[1])
  }

  /** Counts at the server by a rule of nftables; reads the packets with `counted`. */
  async count(name: string, match: string): Promise<void> {
    const hook = 'type filter hook prerouting priority -500; policy accept;'
    const table = `table inet seen_${name} {\nchain seen {\n${hook}\n${match} counter\n}\n}\n`
    await this.exec('server', ['nft', '-f', '-'], table)
  }

  async counted(name: string): Promise<number> {
    const text = await this.exec('server', ['nft', 'list', 'table', 'inet', `seen_${name}`])
    return Number(/packets (\d+)/.exec(text)?.[1])
  }

  /** Counts at the server by source and target from now on. */
  async countPairs(): Promise<void> {
    const set = (family: 4 | 6) =>
      `set seen${family} {\ntype ipv${family}_addr . ipv${family}_addr; size 65535; flags dynamic;\n}\n`
    const hook = 'type filter hook prerouting priority -500; policy accept;'
    const rules = ['ip', 'ip6'].map(ip => {
      const seen = ip === 'ip' ? 'seen4' : 'seen6'
      return `update @${seen} { ${ip} saddr . ${ip} daddr counter }`
    })
    const table = `table inet pairs {\n${set(4)}${set(6)}chain every {\n${hook}\n${rules.join('\n')}\n}\n}\n`
    await this.exec('server', ['nft', '-f', '-'], `table inet pairs\ndelete table inet pairs\n${table}`)
  }

  async pairs(): Promise<Seen> {
    const counts = new Map<string, number>()
    const text = await this.exec('server', ['nft', '-j', 'list', 'table', 'inet', 'pairs'])
    for (const { set } of pairsSchema.parse(JSON.parse(text)).nftables)
      for (const { elem } of set?.elem ?? []) counts.set(elem.val.concat.join(' to '), elem.counter.packets)
    return (source, target) => counts.get(`${source} to ${target}`) ?? 0
  }

  /** From the attacker towards the server, each at its time. */
  async play(frames: readonly TimedFrame[]): Promise<Sent> {
    const file = join(this.#folder, 'played.pcap')
    writePcap(
      file,
      frames.toSorted((a, b) => a.nanos - b.nanos),
    )
    const interfaceName = this.#outside.from.interface
    return sentSchema.parse(
      JSON.parse(await this.exec('attacker', [process.execPath, PLAY, '--interface', interfaceName, file])),
    )
  }

  async startServer(): Promise<void> {
    const server = this.#lab.spawn('server', [process.execPath, SERVER], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    assert.ok(server.stdout)
    await once(server.stdout, 'data')
  }

  /** A connection that stays; each call of the function says whether it still carries a word there and back. */
  async connection(): Promise<() => Promise<string | undefined>> {
    const client = this.#lab.spawn('attacker', [process.execPath, CLIENT, VICTIM], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    assert.ok(client.stdout && client.stdin)
    const { stdin } = client
    const lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]()
    const next = async () => (await lines.next()).value as string | undefined
    assert.equal(await next(), 'open')
    return () => {
      stdin.write('\n')
      return next()
    }
  }

  /** How many new connections, one after the other, carry a word there and back. */
  async connects(count: number, address = VICTIM): Promise<number> {
    return Number(await this.exec('attacker', [process.execPath, CLIENT, address, `${count}`]))
  }

  /** How many of so many connections that are opened at the same time carry a word there and back. */
  async opensTogether(count: number, address: string): Promise<number> {
    return Number(await this.exec('attacker', [process.execPath, CLIENT, address, `${count}`, 'together']))
  }
}
