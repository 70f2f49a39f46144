// The pure middle put together: counters of all sources in, attacks with their evidence out, once per tick.
//
// The same engine serves live capture, where time is the monotonic clock, and replay, where it is that of the packets.

import { prefixesOf } from '#3-traffic/hostgroup.ts'
import { wireWords } from '#3-traffic/network-table.ts'
import { samplingOf } from '#3-traffic/sampling-of.ts'
import { type CountedSource, SpeedPass } from '#3-traffic/speed.ts'
import { Totals } from '#3-traffic/totals.ts'
import { UnlistedCounts } from '#3-traffic/unlisted.ts'
import type { AttackEvent, OpenAttack } from '#4-detection/attack.ts'
import type { Moment } from '#4-detection/ban.ts'
import { Detector } from '#4-detection/detector.ts'
import { Membership } from '#4-detection/membership.ts'
import { distill } from '#5-evidence/distill/distill.ts'
import { ROUND_SAMPLES } from '#5-evidence/distill/sample-rounds.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'
import { flowsFrom } from '#5-evidence/flow-sections.ts'
import { PacketCollections } from '#5-evidence/packet-samples.ts'
import { SampleDesk } from '#5-evidence/sample-desk.ts'
import { findingOf } from '#5-evidence/shape-of-packets.ts'
import { talliesOfRecords } from '#5-evidence/tallies.ts'
import { watchEvery } from '#5-evidence/watch.ts'
import type { Address } from '#lib/ip/address.ts'
import type { MetricValue } from '#lib/metrics/metric.ts'
import type { ResolvedConfig } from './config/config.ts'
import { oursOf } from './distill-input.ts'
import { DistillRoom } from './distill-room.ts'
import type { EngineEvent } from './engine-event.ts'
import { spreadSecondsOf, timingOf } from './engine-timing.ts'
import { judgesAlike, lostPlace, Relook } from './reload/relook.ts'
import { SuspectRoom } from './suspect-room.ts'
import { TickClock } from './tick-clock.ts'

/** Packets held for all collecting attacks together. */
const COLLECTED_PACKETS_MAX = 100_000
/** What a mirror port shows is counted at once. */
const FLOW_SECONDS = 2
/** So much of what came before an attack opened is looked at again when its packets are there. */
const RENAMED_SECONDS = 0.5
/** In a storm of more attacks at once their packets are not tallied. */
const TALLIED_MAX = 32

/** What a second look at an attack says. */
type Again = Pick<Extract<EngineEvent, { kind: 'evidence' }>, 'named' | 'tallies'>

interface Collecting {
  readonly host: string
  /** Number of the host when collecting began. */
  readonly number: number
  /** As it was when it opened. */
  readonly attack: OpenAttack
}

export class Engine {
  #config: ResolvedConfig
  readonly #clock: TickClock
  readonly #desk: SampleDesk
  readonly collections = new PacketCollections(COLLECTED_PACKETS_MAX)
  readonly pass: SpeedPass
  readonly totals: Totals
  readonly suspicion: SuspectRoom
  readonly detector: Detector
  readonly #distilling: DistillRoom
  readonly #relook: Relook
  /** Samples older than this before the crossing tell of calm. */
  readonly #flowSeconds: number
  /** Attacks whose packets are being collected, by id. */
  readonly #collecting = new Map<string, Collecting>()
  #now: Moment = { seconds: 0, wallMs: 0 }
  #epoch = 1
  ticks = 0
  /** Whether a flow window ended with the last tick: it visited all hosts with traffic. */
  endedWindow = false

  constructor(config: ResolvedConfig, sources: readonly CountedSource[]) {
    const { detection, traffic, hostgroups, whitelist } = config
    this.#config = config
    this.#clock = new TickClock(detection.mode, traffic.speedSeconds)
    const membership = new Membership({ detection, hostgroups, whitelist })
    this.#relook = new Relook(this)
    this.#flowSeconds = FLOW_SECONDS + spreadSecondsOf(config, sources)
    this.pass = new SpeedPass(sources, timingOf(config, membership), {
      attached: (host, address) => this.detector.attached(host, address),
      detached: host => this.detector.detached(host),
    })
    const hosts = this.pass.hosts.capacity
    this.totals = new Totals(sources, traffic.averageSeconds)
    this.#desk = new SampleDesk(sources, config.capture.tunnels === 'inner')
    this.suspicion = new SuspectRoom({
      ...{ config, desk: this.#desk },
      addressOf: host => this.pass.address(host),
      now: () => this.#now,
      also: () => (this.#distilling.isSampling ? this.#distilling.offer : undefined),
    })
    this.#distilling = this.#distillRoom(config)
    this.detector = new Detector({
      detection,
      membership,
      averageSeconds: traffic.averageSeconds,
      hosts,
      networks: prefixesOf(config.networks),
      unlisted: new UnlistedCounts(sources),
      suspects: {
        began: (host, packetsPerSecond) => this.#watch(host, packetsPerSecond),
        ended: host => this.pass.watch(host, 0),
      },
      evidence: this.suspicion,
      samplingRate: config.capture.samplingRate,
      samplingRateOf: host => samplingOf(sources, this.pass.hosts, host),
    })
    this.pass.begin(this.#epoch, this.pass.windowSeconds)
  }

  #distillRoom(config: ResolvedConfig): DistillRoom {
    return new DistillRoom({
      ...{ config, distill },
      calm: (...asked) => this.suspicion.calmPacketsOf(...asked),
      watch: {
        began: attack => this.#watchRound(attack),
        ended: attack => {
          if (!this.#collecting.has(attack.id)) this.pass.watch(this.detector.numberOf(attack.host), 0)
        },
      },
    })
  }

  /** While packets are collected for evidence those serve both. */
  #watchRound({ id, host, speed }: OpenAttack): void {
    const number = this.detector.numberOf(host)
    if (number !== 0 && !this.#collecting.has(id)) this.pass.watch(number, watchEvery(speed, ROUND_SAMPLES))
    // Nobody has looked at samples so far: what came before is no part of this round.
    if (!this.#gathers && !this.#distilling.isSampling) this.#desk.passOver()
  }

  /** What hosts do while their prefix is attacked is not calm. */
  #holdCalm(): void {
    this.suspicion.attacked = this.detector.open.filter(({ scope }) => scope !== 'host').flatMap(oursOf)
  }

  /** Whether whoever judges looks at all samples in each tick. */
  get #gathers(): boolean {
    const { mode, suspicion } = this.#config.detection
    return mode === 'budget' && suspicion.enabled
  }

  /** Milliseconds between ticks, unless they cost too much. */
  get tickMs(): number {
    return this.#clock.tickMs
  }

  get now(): Moment {
    return this.#now
  }

  get hostgroupsConfigured(): number {
    return Object.keys(this.#config.hostgroups).length
  }

  get mode(): 'budget' | 'plain' {
    return this.#config.detection.mode
  }

  /** Number of the host with this address, 0 when it has no traffic. It looks at all hosts: for people who ask, not for ticks. */
  hostOf({ family, value }: Address): number {
    const wanted = family === 6 ? wireWords(value) : [wireWords(value << 96n)[0], 0, 0, 0]
    const words = new Int32Array(4)
    const { hosts } = this.pass
    for (let host = 1; host < hosts.bound; host++) {
      if (!hosts.isAttached(host) || hosts.wireAddress(host, words, 0) !== family) continue
      if (words.every((word, at) => word === wanted[at])) return host
    }
    return 0
  }

  /** Takes over attacks that were open when the program ended. Gives the ids of those whose hosts have newer ones. */
  restore(attacks: readonly OpenAttack[], now: Moment): string[] {
    const superseded = this.detector.restore(attacks, now).map(({ id }) => id)
    for (const attack of this.detector.open) this.#distilling.opened(attack, [], now)
    this.#holdCalm()
    return superseded
  }

  /**
   * Goes on by another configuration, of which it takes what may change while it runs. Nothing that was counted is lost;
   * bans that have no place in it end with the reason `configuration`.
   */
  reconfigure(config: ResolvedConfig, now: Moment): readonly EngineEvent[] {
    const before = this.#config
    this.#config = config
    const { detection, hostgroups, whitelist } = config
    const membership = new Membership({ detection, hostgroups, whitelist })
    this.pass.busy = timingOf(config, membership)
    this.suspicion.reconfigure(config)
    this.#distilling.reconfigure(config)
    const networks = judgesAlike(before, config) ? undefined : prefixesOf(config.networks)
    const { bound } = this.pass.hosts
    const change = { detection, membership, networks, bound, isOver: lostPlace(before, config) }
    const events = this.detector.reconfigure(change, now)
    this.#relook.begin()
    return this.#withFlows(events)
  }

  /** Flows per second of all hosts, of one IP version or of both, in the window that ended last. */
  flowsPerSecond(family?: 4 | 6): { readonly incoming: number; readonly outgoing: number } {
    const { flowSums, windowSeconds } = this.pass
    const sum = (side: 0 | 1) => {
      const v4 = family === 6 ? 0 : flowSums[side]!
      const v6 = family === 4 ? 0 : flowSums[2 + side]!
      return Math.round((v4 + v6) / windowSeconds)
    }
    return { incoming: sum(0), outgoing: sum(1) }
  }

  /** Values of the metrics of evidence (5-evidence/metrics.ts). */
  evidenceMetrics(): MetricValue[] {
    return [
      ...this.collections.metrics(),
      ...this.#desk.metrics(),
      ...this.suspicion.metrics(),
      ...this.#distilling.metrics(),
    ]
  }

  /** The first tick begins at `now`, when counting began; before this is called nothing is judged. */
  start(now: Moment): void {
    this.#now = now
    this.#clock.start(now.seconds)
  }

  /** Ends the tick that lasted until `now`. Nothing happens when it is not due yet. */
  tick(now: Moment): readonly EngineEvent[] {
    const due = this.#clock.tick(now.seconds)
    if (due === undefined) return []
    this.#now = now
    this.#epoch++
    const { windowSeconds } = due
    this.endedWindow = windowSeconds !== undefined
    this.pass.begin(this.#epoch, windowSeconds)
    this.#relook.some()
    const lines = this.pass.due(this.endedWindow)
    // As late as can be: what is counted between this and the reading of a line belongs to the next tick.
    const seconds = this.#clock.isPlain ? due.seconds : this.pass.coveredSeconds(due.seconds)
    this.totals.update(seconds)
    const events = this.detector.tick({ now, seconds, lines, windowSeconds }, this.pass)
    if (this.endedWindow) this.pass.hosts.prune()
    this.ticks++
    if (!this.#gathers && this.#distilling.isSampling) this.#desk.each(this.#distilling.offer)
    const told = [...this.#withFlows(events), ...this.#collected(now)]
    this.#distilling.tick(now)
    return told
  }

  /**
   * Seeks rules for one attack whose samples are there, if there is one; call it after each tick. It may take a good part of a
   * tick, so what the tick told is to be sent first.
   */
  distil(): readonly EngineEvent[] {
    const found = this.#distilling.next(this.#now)
    if (found === undefined) return []
    const { attackId, tallies, proposed } = found
    const tallied: EngineEvent = { kind: 'tallied', attackId, tallies }
    return proposed === undefined ? [tallied] : [tallied, { kind: 'distilled', attackId, proposed }]
  }

  /** Whether packets of some attack are still being collected, or rules are awaited for one. */
  get isCollecting(): boolean {
    return this.#collecting.size > 0 || this.#distilling.isAwaited
  }

  ban(address: Address, seconds: number | undefined, now: Moment): readonly EngineEvent[] {
    const event = this.detector.ban(address, seconds, now)
    return event === undefined ? [] : this.#withFlows([event])
  }

  /** `host` as its attack tells it. */
  unban(host: string, now: Moment): readonly EngineEvent[] {
    const event = this.detector.unban(host, now)
    return event === undefined ? [] : this.#withFlows([event])
  }

  /** Samples of the last `seconds` that the rings hold of an address or prefix, by its text, either way. */
  heldOf(
    target: string,
    seconds: number,
  ): { readonly records: readonly PacketRecord[]; readonly wallMs: number } {
    const { wallMs } = this.#now
    const records = this.#desk.held([target], (wallMs - seconds * 1000) * 1000).get(target) ?? []
    return { records, wallMs }
  }

  /** Whether rules are about what lies within tunnels. */
  get looksInsideTunnels(): boolean {
    return this.#config.capture.tunnels === 'inner'
  }

  #withFlows(events: readonly AttackEvent[]): EngineEvent[] {
    const opened = events.filter(event => event.kind === 'opened').map(({ attack }) => attack)
    if (events.some(({ kind, attack }) => kind !== 'updated' && attack.scope !== 'host')) this.#holdCalm()
    const sinceMicros = (this.#now.wallMs - this.#flowSeconds * 1000) * 1000
    const held = opened.length === 0 ? undefined : this.#desk.held(hostsOf(opened), sinceMicros)
    return events.flatMap((event): EngineEvent[] => {
      if (event.kind === 'ended') return this.#withEnd(event)
      if (event.kind === 'updated') this.#distilling.updated(event.attack)
      if (event.kind !== 'opened') return [event]
      const records = held?.get(event.attack.host) ?? []
      const attack = this.#named(event.attack, records)
      this.#collect(attack)
      this.#distilling.opened(attack, records, this.#now)
      const isDistilled = this.#distilling.takes(attack) ? ({ isDistilled: true } as const) : {}
      return [{ ...event, attack, flows: this.#flowsOf(attack, records), ...isDistilled }]
    })
  }

  #withEnd(event: Extract<AttackEvent, { kind: 'ended' }>): EngineEvent[] {
    this.#distilling.ended(event.attack.id)
    return [...this.#collectedUntil(event.attack.id), event]
  }

  /** The attack with what its packets say it is, which it keeps; as it was when they are too few. */
  #named(attack: OpenAttack, records: readonly PacketRecord[]): OpenAttack {
    const finding = findingOf(attack, records, this.#config.capture.tunnels === 'inner')
    return (finding && this.detector.describe(attack.host, finding)) ?? attack
  }

  /** Looks again at all that the rings hold of attacks by now: what more is known of each, by id. */
  #lookedAgain(attackIds: readonly string[]): Map<string, Again> {
    const attacks = attackIds.flatMap(id => this.#collecting.get(id)?.attack ?? [])
    if (attacks.length === 0) return new Map()
    const openedAt = Math.min(...attacks.map(attack => attack.openedAt))
    const held = this.#desk.held(hostsOf(attacks), (openedAt - RENAMED_SECONDS * 1000) * 1000)
    return new Map(
      attacks.map(attack => {
        const records = held.get(attack.host) ?? []
        const named = this.#named(attack, records)
        return [
          attack.id,
          {
            ...(named === attack ? {} : { named }),
            ...(attacks.length > TALLIED_MAX ? {} : { tallies: talliesOfRecords(records) }),
          },
        ]
      }),
    )
  }

  #flowsOf(attack: OpenAttack, records: readonly PacketRecord[]): FlowSection[] {
    const { flows } = this.#config.traffic
    if (flows === 'off' || (flows === 'tcp-udp-v4' && attack.family === 6)) return []
    const host = this.detector.numberOf(attack.host)
    const count = (side: 0 | 1) => (host === 0 ? 0 : Math.floor(this.pass.flowsLately(host * 2 + side)))
    const counts = { incoming: count(0), outgoing: count(1) }
    return flowsFrom(records, attack.host, counts, this.#config.evidence.packets + 1)
  }

  #collect(attack: OpenAttack): void {
    const { packets, collectSeconds } = this.#config.evidence
    if (attack.origin === 'manual') return
    this.collections.open(attack.id, packets, (this.#now.seconds + collectSeconds) * 1000)
    const number = this.detector.numberOf(attack.host)
    this.#collecting.set(attack.id, { host: attack.host, number, attack })
    if (number !== 0 && packets > 0) this.#watch(number, attack.power)
  }

  /** What was collected of an attack that ends before it is enough. */
  #collectedUntil(attackId: string): EngineEvent[] {
    return this.#collecting.has(attackId) ? [this.#evidenceOf(attackId)] : []
  }

  #evidenceOf(attackId: string, again: Again = {}): EngineEvent {
    const { named } = again
    const collected = this.#collecting.get(attackId)
    this.pass.watch(collected?.number ?? 0, 0)
    this.#collecting.delete(attackId)
    if (named !== undefined) this.#distilling.updated(named)
    if (collected !== undefined && this.#distilling.isSampled(attackId)) this.#watchRound(collected.attack)
    const packets = this.collections.take(attackId)
    return { kind: 'evidence', attackId, packets, ...again }
  }

  #collected(now: Moment): EngineEvent[] {
    if (this.#collecting.size === 0) return []
    const idOf = new Map([...this.#collecting].map(([id, { host }]) => [host, id]))
    const sinceMicros =
      (now.wallMs - (this.#flowSeconds + this.#config.evidence.collectSeconds) * 1000) * 1000
    this.#desk.fresh(idOf.keys(), sinceMicros, (host, record) => {
      const id = idOf.get(host)
      if (id !== undefined) this.collections.add(id, record)
    })
    const due = this.collections.due(now.seconds * 1000)
    const again = this.#lookedAgain(due)
    return due.map(attackId => this.#evidenceOf(attackId, again.get(attackId)))
  }

  #watch(host: number, packetsPerSecond: number): void {
    this.pass.watch(host, watchEvery(packetsPerSecond, this.#config.evidence.packets))
  }
}

const hostsOf = (attacks: readonly OpenAttack[]): string[] => attacks.map(attack => attack.host)
