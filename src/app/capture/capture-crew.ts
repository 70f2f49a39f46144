// The capture workers of all interfaces: started, heard, counted and stopped.

import type { CaptureConfig } from '#1-capture/config.ts'
import { tablesForAny } from '#3-traffic/counting.ts'
import type { ExemptConfig } from '#3-traffic/exempt.ts'
import { CONTROL, type HostTables } from '#3-traffic/host-tables.ts'
import type { SlotCounts } from '#3-traffic/metrics.ts'
import type { CountedSource } from '#3-traffic/speed.ts'
import { reserveLargePages } from '#lib/linux/large-pages.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { countingOf, exemptOf } from './counting-options.ts'
import { type CaptureMessage, type CapturePlan, type CaptureTask, LINK_STATE } from './task.ts'
import {
  type CrewMember,
  controlSum,
  followBeats,
  newMember,
  sendPlan,
  silentSeconds,
  startCrew,
  stopCrew,
} from './worker-crew.ts'
import { WrappingCounter } from './wrapping-counter.ts'

export type Link = 'up' | 'down' | 'missing' | 'unknown'

/** What a worker has counted, and how it fares. */
export interface WorkerState {
  readonly worker: number
  readonly interface: string
  readonly link: Link
  readonly kernelPackets: number
  readonly kernelDrops: number
  readonly kernelFreezes: number
  readonly blocks: number
  readonly linkChanges: number
  readonly hostsRefused: number
  readonly hostsEvicted: number
  readonly hostsReleased: number
  readonly watchSkipped: number
  /** Why it does not capture; `undefined` while it does. */
  readonly problem: string | undefined
  /** What an operator should know about the interface. */
  readonly advice: string | undefined
  /** Seconds since the worker last showed that it lives; it does so once a second while it captures. */
  readonly silentSeconds: number
}

const COUNTED = [
  'kernelPackets',
  'kernelDrops',
  'kernelFreezes',
  'blocks',
  'hostsRefused',
  'hostsEvicted',
  'hostsReleased',
  'watchSkipped',
] as const

interface Member extends CrewMember {
  readonly task: CaptureTask
  readonly counters: Readonly<Record<(typeof COUNTED)[number], WrappingCounter>>
  name: string
  linkChanges: number
  problem: string | undefined
  advice: string | undefined
}

export class CaptureCrew {
  readonly #members: readonly Member[]
  readonly #log: Logger
  #plans = 0
  readonly sources: readonly CountedSource[]

  constructor(config: ResolvedConfig, seed: number, log: Logger) {
    this.#log = log
    this.#members = tasksOf(config, seed).map(task => ({
      task,
      counters: countersOf(task.tables),
      ...newMember(),
      name: task.interface ?? 'default route',
      linkChanges: 0,
      problem: undefined,
      advice: undefined,
    }))
    this.sources = this.#members.map(({ task }) => ({
      tables: task.tables,
      samplingRate: config.capture.samplingRate,
    }))
  }

  /**
   * Starts the workers; settles when each captures or has said why it cannot yet. `died` is called when a worker ends by
   * a mistake of ours: nothing can go on then.
   */
  start(died: (error: unknown) => void): Promise<void> {
    return startCrew<Member, CaptureMessage>(this.#members, {
      file: new URL('./capture-worker.ts', import.meta.url),
      dataOf: ({ task }) => task,
      heard: (member, message) => this.#heard(member, message),
      died,
    })
  }

  #heard(member: Member, message: CaptureMessage): void {
    const facts = { interface: member.name, worker: member.task.worker }
    switch (message.kind) {
      case 'capturing':
        member.name = message.interface
        member.problem = undefined
        this.#log.info('capturing', { ...facts, interface: message.interface })
        this.#advise(member, message.offloads)
        break
      case 'trouble':
        member.problem = message.problem
        this.#log.warn('no capture, trying again every 5 s', { ...facts, problem: message.problem })
        break
      case 'link':
        member.linkChanges++
        if (message.event === 'up' || message.event === 'back') {
          member.problem = undefined
          this.#log.info(`interface ${message.event}`, facts)
        } else this.#log.warn(`interface ${message.event}`, facts)
        break
      case 'planned':
        member.planned = message.plan
        break
      case 'refused':
        member.problem = `${member.name} is back but cannot be captured on: ${message.problem}`
        this.#log.warn('the interface is back but cannot be captured on', {
          ...facts,
          problem: message.problem,
        })
        break
    }
  }

  #advise(member: Member, offloads: readonly string[]): void {
    if (offloads.length === 0) return
    const { name } = member
    const switches = offloads.map(offload => `${offload} off`).join(' ')
    member.advice = `${name} joins packets before they are counted (${offloads.join(', ')}): ethtool -K ${name} ${switches}`
    this.#log.warn('the interface joins packets, so fewer and longer ones are counted', {
      interface: name,
      offloads: offloads.join(','),
      remedy: `ethtool -K ${name} ${switches}`,
    })
  }

  get states(): readonly WorkerState[] {
    return this.#members.map(member => {
      const { task, counters, name, linkChanges, problem, advice } = member
      const counts = Object.fromEntries(COUNTED.map(key => [key, counters[key].read()]))
      return {
        ...(counts as Record<(typeof COUNTED)[number], number>),
        worker: task.worker,
        interface: name,
        link: linkOf(task.tables),
        linkChanges,
        problem,
        advice,
        silentSeconds: silentSeconds(member),
      }
    })
  }

  /** Takes in what the workers counted; to be called more often than their counters of 32 bits come round. */
  follow(): void {
    for (const { counters } of this.#members) for (const counter of Object.values(counters)) counter.read()
    followBeats(this.#members)
  }

  /** Memory of one worker's ring. */
  get ringBytes(): number {
    return (this.#members[0]?.task.ring.ringMegabytes ?? 0) << 20
  }

  get slotCounts(): SlotCounts {
    const states = this.states
    const sum = (read: (state: WorkerState) => number) =>
      states.reduce((total, state) => total + read(state), 0)
    return {
      evicted: sum(state => state.hostsEvicted),
      refused: sum(state => state.hostsRefused),
      released: sum(state => state.hostsReleased),
      samplesSkipped: sum(state => state.watchSkipped),
      used: controlSum(this.#members, CONTROL.slotsUsed),
      ipv6: controlSum(this.#members, CONTROL.hostsV6),
    }
  }

  /**
   * Has all workers count by these networks and without what is exempt now, from the next block on. Settles when they do,
   * or after some seconds: a worker that hangs is told by its heartbeat. Gives how many have not answered.
   */
  async plan(networks: readonly string[] | undefined, exempt: ExemptConfig): Promise<number> {
    const plan = ++this.#plans
    const send: CapturePlan = { plan, exempt, ...(networks === undefined ? {} : { networks }) }
    return sendPlan(this.#members, send)
  }

  stop(): Promise<void> {
    return stopCrew(this.#members)
  }
}

function linkOf(tables: HostTables): Link {
  const state = tables.control[CONTROL.linkState]
  if (state === LINK_STATE.up) return 'up'
  if (state === LINK_STATE.down) return 'down'
  return state === LINK_STATE.gone ? 'missing' : 'unknown'
}

const countersOf = (tables: HostTables): Member['counters'] => {
  const counter = (name: (typeof COUNTED)[number]) => [
    name,
    new WrappingCounter(tables.control, CONTROL[name]),
  ]
  return Object.fromEntries(COUNTED.map(counter)) as unknown as Member['counters']
}

/** Fan-out groups of different programs must differ; the process id keeps them apart. */
const fanoutGroup = (at: number): number => (process.pid + at) & 0xffff

function tasksOf(config: ResolvedConfig, seed: number): CaptureTask[] {
  const { capture } = config
  if (capture.method === 'off') return []
  const interfaces: (string | undefined)[] = capture.interfaces.length > 0 ? capture.interfaces : [undefined]
  return interfaces.flatMap((name, at) =>
    Array.from({ length: capture.workers }, (_, worker) => ({
      interface: name,
      worker: at * capture.workers + worker,
      tables: tablesForAny(config.traffic.hostsMax, capture.snapBytes, reserveLargePages),
      networks: config.networks,
      exempt: exemptOf(config),
      ring: ringOf(capture, at),
      counting: countingOf(config, seed),
    })),
  )
}

const ringOf = (capture: CaptureConfig, at: number): CaptureTask['ring'] => ({
  ringMegabytes: capture.ringMegabytes,
  snapBytes: capture.snapBytes,
  fanoutGroup: capture.workers > 1 ? fanoutGroup(at) : undefined,
  fanoutMode: capture.fanout,
  promiscuous: capture.promiscuous,
  direction: capture.direction,
})
