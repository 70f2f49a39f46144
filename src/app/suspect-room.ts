// Where suspects are weighed: samples of the workers' rings in, suspicion and notes of tolerated crossings out.

import { prefixesOf } from '#3-traffic/hostgroup.ts'
import type { Suspicion } from '#4-detection/attack.ts'
import type { Moment } from '#4-detection/ban.ts'
import type { Evidence, Tolerated } from '#4-detection/budgets.ts'
import { BurstNotes } from '#4-detection/burst-notes.ts'
import type { CalmPacket } from '#4-detection/calm-packet.ts'
import { Suspects } from '#4-detection/suspects.ts'
import type { LookAtSample, SampleDesk } from '#5-evidence/sample-desk.ts'
import { type Address, formatAddress } from '#lib/ip/address.ts'
import type { Prefix } from '#lib/ip/prefix.ts'
import type { MetricValue } from '#lib/metrics/metric.ts'
import type { ResolvedConfig } from './config/config.ts'

export interface SuspectRoomOptions {
  readonly config: ResolvedConfig
  readonly desk: SampleDesk
  /** Who else looks at the samples; `undefined`: nobody does now. */
  readonly also: () => LookAtSample | undefined
  readonly addressOf: (host: number) => Address
  readonly now: () => Moment
}

/** Which calm samples stay in a reservoir is drawn by this: the same samples give the same suspicion. */
const SEED = 0x5eed

export class SuspectRoom implements Evidence {
  readonly #options: SuspectRoomOptions
  readonly #suspects: Suspects
  readonly notes = new BurstNotes()

  constructor(options: SuspectRoomOptions) {
    this.#options = options
    const { networks, traffic, detection } = options.config
    this.#suspects = new Suspects({
      networks: prefixesOf(networks),
      friendsSeconds: detection.suspicion.friendsMinutes * 60,
      countsBothWays: traffic.incoming && traffic.outgoing,
      seed: SEED,
      addressOf: options.addressOf,
    })
  }

  /** Our networks are those of this configuration from now on. */
  reconfigure({ networks }: ResolvedConfig): void {
    this.#suspects.networks = prefixesOf(networks)
  }

  began(host: number, side: 0 | 1): void {
    this.#suspects.began(host, side)
  }

  ended(host: number): void {
    this.#suspects.ended(host)
  }

  gather(): void {
    const suspects = this.#suspects
    suspects.beginTick(this.#options.now().seconds)
    const also = this.#options.also()
    this.#options.desk.each((sample, frame, end, weight, isWatched, told, bytes) => {
      suspects.offer(sample, frame, end, weight, isWatched, told)
      also?.(sample, frame, end, weight, isWatched, told, bytes)
    }, suspects.looksAtMost)
  }

  weigh(host: number): Suspicion | undefined {
    return this.#suspects.weigh(host)
  }

  tolerated({ host, limit, ...crossing }: Tolerated): void {
    this.notes.add({
      ...crossing,
      host: formatAddress(this.#options.addressOf(host)),
      limit: limit.name,
      direction: limit.direction,
      threshold: limit.threshold,
      endedAt: this.#options.now().wallMs,
    })
  }

  /** Prefixes that are under attack as wholes from now on. */
  set attacked(prefixes: readonly Prefix[]) {
    this.#suspects.attacked = prefixes
  }

  /** Calm packets to the hosts of these prefixes, or from them, learned before a moment. */
  calmPacketsOf(...asked: Parameters<Suspects['calmPacketsOf']>): CalmPacket[] {
    return this.#suspects.calmPacketsOf(...asked)
  }

  /** Samples of the host's calm that are known. */
  calmSamplesOf(address: Address): number {
    return this.#suspects.calmSamplesOf(address)
  }

  /** Whether the peer talked with the host both ways in calm. */
  isFriend(host: Address, peer: Address): boolean {
    return this.#suspects.isFriend(host, peer)
  }

  metrics(): MetricValue[] {
    const { cases, mixes, refused, skipped } = this.#suspects.counts
    return [
      { name: 'floodwarden_suspects_weighed', value: cases },
      { name: 'floodwarden_suspects_unweighed_total', value: refused },
      { name: 'floodwarden_suspicion_samples_skipped_total', value: skipped },
      { name: 'floodwarden_calm_hosts', value: mixes },
      { name: 'floodwarden_bursts_tolerated_total', value: this.notes.count },
    ]
  }
}
