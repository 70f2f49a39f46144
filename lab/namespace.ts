// A network in a box: namespaces joined by veth cables, removed when the lab is disposed of or the process ends.

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { assert } from '#lib/assert.ts'
import { type CommandOptions, mustRun, type Result, run } from './command.ts'
import {
  interfaceName,
  namespaceName,
  removeLeftovers,
  removeNamespace,
  removeNamespaceNow,
} from './leftover.ts'
import { type EndPlan, type LabPlan, MOST_LINKS, MOST_ROLES, rolesOf } from './plan.ts'

/** One end of a cable as it was built. */
export interface End {
  readonly role: string
  readonly namespace: string
  readonly interface: string
  readonly mac: string
}

export interface Link {
  readonly from: End
  readonly to: End
}

export interface Counters {
  readonly receivedPackets: number
  readonly receivedBytes: number
  readonly receiveDropped: number
  readonly sentPackets: number
  readonly sentBytes: number
}

/** What is read from `ip -j link show dev`. */
const NUMBERS = z.object({ packets: z.number(), bytes: z.number(), dropped: z.number() })
const COUNTED = z.tuple([z.object({ stats64: z.object({ rx: NUMBERS, tx: NUMBERS }) })])
const ADDRESSED = z.tuple([z.object({ address: z.string() })])

/** Merging and late checksums would show a detector other packets than the wire carries. */
const OFFLOADS = ['gro', 'gso', 'tso', 'tx', 'rx']
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const KILL_AFTER_MILLISECONDS = 2000

/** All labs of this process. Names carry the process number, so these counters make them unique on the machine. */
const openLabs = new Set<Lab>()
let labsMade = 0
let cablesMade = 0

export class Lab implements AsyncDisposable {
  readonly #namespaces = new Map<string, string>()
  readonly #children = new Set<ChildProcess>()
  readonly #links: Link[] = []

  /**
   * Builds the plan; needs root. What dead processes left behind is removed first. When a step fails, what was built
   * is taken down and the error thrown.
   */
  static async create(plan: LabPlan): Promise<Lab> {
    const lab = new Lab(rolesOf(plan))
    openLabs.add(lab)
    watchProcessEnd()
    try {
      await removeLeftovers(new Set([...openLabs].flatMap(open => [...open.#namespaces.values()])))
      await lab.#build(plan)
      return lab
    } catch (error) {
      await lab[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(roles: readonly string[]) {
    assert(roles.length > 0 && roles.length <= MOST_ROLES, `a lab has 1 to ${MOST_ROLES} roles`)
    labsMade++
    for (const role of roles) this.#namespaces.set(role, namespaceName(labsMade, role))
  }

  /** The cables, in the order of the plan. */
  get links(): readonly Link[] {
    return this.#links
  }

  /** Name of the role's namespace, for `ip netns exec`. */
  namespace(role: string): string {
    const name = this.#namespaces.get(role)
    assert(name !== undefined, `the lab has the role ${role}`)
    return name
  }

  /** Runs a program in the role's namespace to its end. */
  exec(role: string, argv: readonly string[], options?: CommandOptions): Promise<Result> {
    return run(['ip', 'netns', 'exec', this.namespace(role), ...argv], options)
  }

  /** Starts a program in the role's namespace; it is ended with the lab. Its process number is the program's own. */
  spawn(role: string, argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.namespace(role), ...argv], options)
    this.#children.add(child)
    child.once('close', () => this.#children.delete(child))
    child.once('error', () => this.#children.delete(child))
    return child
  }

  /** What the kernel has counted on one end of a cable. */
  async counters(end: End): Promise<Counters> {
    const text = await mustRun(['ip', '-n', end.namespace, '-s', '-j', 'link', 'show', 'dev', end.interface])
    const { rx, tx } = COUNTED.parse(JSON.parse(text))[0].stats64
    return {
      receivedPackets: rx.packets,
      receivedBytes: rx.bytes,
      receiveDropped: rx.dropped,
      sentPackets: tx.packets,
      sentBytes: tx.bytes,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#children].map(endChild))
    for (const name of this.#namespaces.values()) await removeNamespace(name)
    openLabs.delete(this)
    if (openLabs.size === 0) unwatchProcessEnd()
  }

  /** Takes everything down without waiting, for a process that is about to end. */
  removeNow(): void {
    for (const child of this.#children) child.kill('SIGKILL')
    for (const name of this.#namespaces.values()) removeNamespaceNow(name)
    openLabs.delete(this)
  }

  async #build(plan: LabPlan): Promise<void> {
    assert(plan.links.length <= MOST_LINKS, `a lab has at most ${MOST_LINKS} cables`)
    const queues = plan.queues ?? 1
    const ends = plan.links.map(link => {
      cablesMade++
      return { plan: link, from: interfaceName(cablesMade, 'a'), to: interfaceName(cablesMade, 'b') }
    })
    const steps = [...this.#namespaces.values()].map(name => `netns add ${name}`)
    for (const { plan: link, from, to } of ends) {
      const end = (name: string, role: string): string =>
        `${name} netns ${this.namespace(role)} numtxqueues ${queues} numrxqueues ${queues}`
      steps.push(`link add ${end(from, link.from.role)} type veth peer name ${end(to, link.to.role)}`)
    }
    await ipBatch([], steps)
    await Promise.all([...this.#namespaces].map(([role, name]) => setKernel(name, plan, role)))
    for (const { plan: link, from, to } of ends) {
      await Promise.all([this.#setUp(link.from, from, plan), this.#setUp(link.to, to, plan)])
    }
    for (const [role, routes] of Object.entries(plan.routes ?? {})) {
      await ipBatch(
        ['-n', this.namespace(role)],
        routes.map(route => `route add ${route}`),
      )
    }
    for (const { plan: link, from, to } of ends) {
      this.#links.push({ from: await this.#end(link.from.role, from), to: await this.#end(link.to.role, to) })
    }
  }

  async #setUp(end: EndPlan, name: string, plan: LabPlan): Promise<void> {
    const namespace = this.namespace(end.role)
    // Duplicate address detection would leave IPv6 addresses unusable for a second.
    const addresses = (end.addresses ?? [])
      .filter(address => plan.ipv6 === true || !address.includes(':'))
      .map(address => `address add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`)
    await ipBatch(
      ['-n', namespace],
      [`link set ${name} mtu ${plan.mtu ?? 1500} up`, 'link set lo up', ...addresses],
    )
    // Without ethtool nothing merges all the same: a generator's frames come one by one.
    await this.exec(end.role, ['ethtool', '-K', name, ...OFFLOADS.flatMap(offload => [offload, 'off'])])
  }

  async #end(role: string, name: string): Promise<End> {
    const namespace = this.namespace(role)
    const text = await mustRun(['ip', '-n', namespace, '-j', 'link', 'show', 'dev', name])
    return { role, namespace, interface: name, mac: ADDRESSED.parse(JSON.parse(text))[0].address }
  }
}

async function ipBatch(options: readonly string[], steps: readonly string[]): Promise<void> {
  await mustRun(['ip', ...options, '-batch', '-'], { input: `${steps.join('\n')}\n` })
}

async function setKernel(namespace: string, plan: LabPlan, role: string): Promise<void> {
  const forwards = plan.forwarding?.includes(role) === true ? 1 : 0
  const settings: Record<string, number> = {
    'ipv6/conf/all/disable_ipv6': plan.ipv6 === true ? 0 : 1,
    'ipv6/conf/default/disable_ipv6': plan.ipv6 === true ? 0 : 1,
    'ipv6/conf/all/forwarding': forwards,
    'ipv4/ip_forward': forwards,
    // Floods come from addresses that have no route back.
    'ipv4/conf/all/rp_filter': 0,
    'ipv4/conf/default/rp_filter': 0,
  }
  const lines = Object.entries(settings).map(([name, value]) => `echo ${value} > /proc/sys/net/${name}`)
  // Until an interface has checked its own address, for a second or two, it looks for no neighbour of packets it forwards.
  if (plan.ipv6 === true)
    lines.push('for setting in /proc/sys/net/ipv6/conf/*/accept_dad; do echo 0 > "$setting"; done')
  await mustRun(['ip', 'netns', 'exec', namespace, 'sh', '-e'], { input: `${lines.join('\n')}\n` })
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'close')
  child.kill('SIGTERM')
  const late = new AbortController()
  const wait = delay(KILL_AFTER_MILLISECONDS, undefined, { signal: late.signal }).then(
    () => child.kill('SIGKILL'),
    () => false,
  )
  await ended
  late.abort()
  await wait
}

function watchProcessEnd(): void {
  if (process.listeners('exit').includes(removeAllNow)) return
  process.on('exit', removeAllNow)
  for (const signal of SIGNALS) process.on(signal, removeOnSignal)
}

function unwatchProcessEnd(): void {
  process.off('exit', removeAllNow)
  for (const signal of SIGNALS) process.off(signal, removeOnSignal)
}

function removeAllNow(): void {
  for (const lab of openLabs) lab.removeNow()
}

/** A program with its own handler ends as it likes, which runs `removeAllNow`; for others the signal keeps its meaning. */
function removeOnSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return
  removeAllNow()
  unwatchProcessEnd()
  process.kill(process.pid, signal)
}
