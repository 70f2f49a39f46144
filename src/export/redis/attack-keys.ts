// Attacks in Redis: as FastNetMon does, for whoever reads bans there. Only attacks that are acted on are written, because
// such readers may act too: none in a dry run, none that a rail refused.

import type { Attack } from '#4-detection/attack.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'
import type { TextStyle } from '#5-evidence/report-text.ts'
import type { Decision } from '#6-policy/decide.ts'
import { errorText } from '#lib/log/facts.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { ServerAddress } from '#lib/server-address.ts'
import { connectRedis, type RedisConnection } from './client.ts'
import type { RedisConfig } from './config.ts'
import { flowDump, informationJson, keyOf, packetsDump, type RedisKey } from './encode.ts'
import { KeyQueue } from './key-queue.ts'

export interface AttackKeysOptions {
  readonly server: ServerAddress
  readonly config: RedisConfig
  readonly style: TextStyle
  readonly armed: boolean
  /** What another one left, that had other settings. */
  readonly left?: LeftKeys | undefined
  readonly log: Logger
  /** After the first failure; doubled after each more. 1 s unless a test is in a hurry. */
  readonly pauseMs?: number
}

export interface LeftKeys {
  /** Open attacks that were written. */
  readonly written: ReadonlySet<string>
  readonly waiting: readonly (readonly [key: string, value: string])[]
  /** Settles when the other one writes no more: what it wrote last is older than what comes now. */
  readonly ended: Promise<unknown>
}

const WAITING_BYTES_MAX = 64 << 20
const PAUSE_MS = 1000
const PAUSE_MS_MAX = 60_000

export class AttackKeys {
  readonly #options: AttackKeysOptions
  readonly #queue: KeyQueue
  /** Open attacks that were written. */
  readonly #written: Set<string>
  readonly #after: Promise<unknown> | undefined
  readonly #counts = { written: 0, failures: 0 }
  #failuresInRow = 0
  #connection: RedisConnection | undefined
  #writing: Promise<void> | undefined
  #pause: NodeJS.Timeout | undefined
  #isStopped = false
  #isLeaving = false

  constructor(options: AttackKeysOptions) {
    const { left } = options
    this.#options = { ...options, left: undefined }
    this.#after = left?.ended
    this.#written = new Set(left?.written)
    this.#queue = new KeyQueue({ keysMax: options.config.waitingMax, bytesMax: WAITING_BYTES_MAX })
    for (const [key, value] of left?.waiting ?? []) this.#queue.put(key, value)
    if (this.#queue.size > 0) this.#work()
  }

  opened(attack: Attack, decision: Decision, flows: readonly FlowSection[]): void {
    const { config, style } = this.#options
    if (!this.#isActedOn(attack, decision)) return
    this.#written.add(attack.id)
    const dump = flowDump(attack, flows, style)
    if (dump !== '') this.#put(attack, 'flow_dump', dump)
    const packets = config.form === 'head' ? [] : undefined
    this.#put(attack, 'information', informationJson(attack, packets, style.addressForm))
  }

  evidence(attack: Attack, packets: readonly PacketRecord[]): void {
    const { config, style } = this.#options
    if (packets.length === 0 || !this.#written.has(attack.id)) return
    if (config.form === 'head')
      this.#put(attack, 'information', informationJson(attack, packets, style.addressForm))
    else this.#put(attack, 'packets_dump', packetsDump(attack, packets, style))
  }

  /** As FastNetMon leaves them, keys stay until they expire. */
  ended(attack: Attack): void {
    this.#written.delete(attack.id)
  }

  readonly metrics: MetricSource = () => [
    { name: 'floodwarden_redis_keys_total', value: this.#counts.written, labels: { outcome: 'written' } },
    { name: 'floodwarden_redis_keys_total', value: this.#queue.dropped, labels: { outcome: 'dropped' } },
    { name: 'floodwarden_redis_failures_total', value: this.#counts.failures },
    { name: 'floodwarden_redis_keys_waiting', value: this.#queue.size },
  ]

  /** Writes what waits, but no longer than so many milliseconds. */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#pause)
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      this.#connection?.close()
      resolve()
    }, deadlineMs)
    await Promise.race([this.#writing, late])
    clearTimeout(timer)
  }

  /** Ends for another one that goes on with what is left. A key that is on its way is left too. */
  leave(): LeftKeys {
    this.#isStopped = true
    this.#isLeaving = true
    clearTimeout(this.#pause)
    const ended = this.#writing ?? Promise.resolve()
    return { written: this.#written, waiting: this.#queue.takeAll(), ended }
  }

  /** Without a script and announcements nothing is left to decide: it is a ban all the same. */
  #isActedOn({ scope }: Attack, { kind }: Decision): boolean {
    const { armed, config } = this.#options
    return armed && (kind === 'act' || kind === 'nothing') && (scope === 'host' || config.prefixes)
  }

  #put(attack: Attack, key: RedisKey, value: string): void {
    const { config, style } = this.#options
    this.#queue.put(keyOf(attack, key, config.prefix, style.addressForm), value)
    this.#work()
  }

  #work(): void {
    if (this.#isStopped || this.#pause !== undefined) return
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined
      if (this.#queue.size > 0) this.#work()
    })
  }

  async #writeAll(): Promise<void> {
    const { server, config } = this.#options
    await this.#after
    try {
      this.#connection = await connectRedis(server, config)
      for (let next = this.#queue.first; next !== undefined; next = this.#queue.first) {
        await this.#connection.set(...next)
        this.#queue.done(...next)
        this.#counts.written++
      }
      this.#succeeded()
    } catch (error) {
      this.#failed(error)
    } finally {
      this.#connection?.close()
      this.#connection = undefined
    }
  }

  #succeeded(): void {
    if (this.#failuresInRow > 0) this.#options.log.info('Redis takes keys again')
    this.#failuresInRow = 0
  }

  #failed(error: unknown): void {
    const { log, pauseMs = PAUSE_MS } = this.#options
    this.#counts.failures++
    if (this.#failuresInRow === 0) log.warn('Redis takes no keys; they wait', { error: errorText(error) })
    const pause = Math.min(PAUSE_MS_MAX, pauseMs * 2 ** Math.min(20, this.#failuresInRow))
    this.#failuresInRow++
    if (this.#isLeaving) return
    this.#pause = setTimeout(() => {
      this.#pause = undefined
      this.#work()
    }, pause).unref()
  }
}
