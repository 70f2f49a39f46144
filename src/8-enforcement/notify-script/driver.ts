// The notify-script enforcer: an announcement is a call of the operator's program, as FastNetMon would make it.
//
// Calls of one host keep their order, several hosts are served at the same time, and nothing a script does or leaves
// undone reaches further than its own call.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Briefing, Enforcer, Outcome } from '#7-mitigation/enforcer.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { assert } from '#lib/assert.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import { type ProgramEnd, ProgramRunner, type Running } from './client.ts'
import type { NotifyScriptConfig } from './config.ts'
import {
  type CallAction,
  type CallStyle,
  encodeCall,
  inheritedEnvironment,
  type ScriptCall,
} from './encode.ts'
import { CallCounts } from './metrics.ts'
import { CallQueue, type QueuedCall } from './queue.ts'

export interface NotifyScriptOptions
  extends Pick<NotifyScriptConfig, 'timeoutSeconds' | 'parallel' | 'queueMax' | 'passDetails'> {
  readonly style: CallStyle
  /** Environment of the daemon. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** From SIGTERM to SIGKILL; 5 s unless a test is in a hurry. */
  readonly killGraceMs?: number
  /** With the report `head`: how long a ban may wait for its packets. */
  readonly packetsWaitMs?: number
  /** Bytes of reports that may wait; 64 MiB unless told otherwise. */
  readonly waitingBytesMax?: number
}

interface WaitingCall extends QueuedCall {
  readonly mitigation: Mitigation
  readonly call: ScriptCall
  readonly settle: (outcome: Outcome) => void
}

/** A ban that is told together with its packets, once they are there. */
interface HeldBan {
  readonly mitigation: Mitigation
  readonly briefing: Briefing
  readonly settle: (outcome: Promise<Outcome>) => void
  readonly timer: NodeJS.Timeout
}

const DONE: Outcome = { kind: 'done' }
const PACKETS_WAIT_MS = 10_000
const KILL_GRACE_MS = 5000
const WAITING_BYTES_MAX = 64 << 20
// For a call that could not be started because the system was short of processes, memory or descriptors.
const TRIES_MAX = 12
const TRY_AGAIN_MS = 250

export class NotifyScript implements Enforcer {
  readonly name = 'notify-script'
  readonly actions = ['script'] as const
  readonly lists = false
  #options: NotifyScriptOptions
  readonly #logger: Logger
  readonly #env: Readonly<Record<string, string>>
  readonly #queue: CallQueue<WaitingCall>
  readonly #runner = new ProgramRunner()
  readonly #running = new Set<Running>()
  /** Mitigations whose script was never run: there is nothing to take back. Each leaves when it is withdrawn. */
  readonly #neverRan = new Set<string>()
  /** By mitigation; as many as there are bans whose packets are still being collected. */
  readonly #held = new Map<string, HeldBan>()
  readonly #counts = new CallCounts()
  #slotsTaken = 0
  /** In this turn of the event loop. */
  #hasStarted = false
  /** Nothing new is taken. */
  #isStopping = false
  /** Nothing is started any more. */
  #isLeaving = false
  #whenIdle: (() => void) | undefined

  constructor(options: NotifyScriptOptions, logger: Logger) {
    const { queueMax: callsMax, waitingBytesMax: bytesMax = WAITING_BYTES_MAX } = options
    this.#options = options
    this.#logger = logger
    this.#env = inheritedEnvironment(options.env)
    this.#queue = new CallQueue({ callsMax, bytesMax })
  }

  /** Other options from the next call on. */
  reconfigure(options: NotifyScriptOptions): void {
    this.#options = options
    this.#queue.callsMax = options.queueMax
    this.#pump()
  }

  readonly metrics: MetricSource = () =>
    this.#counts.values({ running: this.#slotsTaken, waiting: this.#queue.size })

  /** Calls the script with `ban`; done when it ended with status 0. With the report `head` the packets come first. */
  announce(mitigation: Mitigation, briefing: Briefing): Promise<Outcome> {
    const { style, packetsWaitMs = PACKETS_WAIT_MS } = this.#options
    const waits = style.report === 'head' && briefing.attack.origin !== 'manual' && !this.#isStopping
    if (!waits) return this.#call('ban', mitigation, briefing)
    const { promise, resolve: settle } = Promise.withResolvers<Outcome>()
    const timer = setTimeout(() => this.#release(mitigation.id), packetsWaitMs)
    this.#held.set(mitigation.id, { mitigation, briefing, settle, timer })
    return promise
  }

  /** Has a ban that waited for packets told, with those there are. */
  #release(mitigationId: string, later?: Briefing): void {
    const held = this.#held.get(mitigationId)
    if (held === undefined) return
    this.#held.delete(mitigationId)
    clearTimeout(held.timer)
    const { attack, packets } = later ?? held.briefing
    held.settle(this.#call('ban', held.mitigation, { ...held.briefing, attack, packets }))
  }

  /** Calls the script with `attack_details`, as far as the options want it. */
  async amend(mitigation: Mitigation, briefing: Briefing): Promise<Outcome> {
    const { passDetails, style } = this.#options
    if (style.report === 'head') {
      this.#release(mitigation.id, briefing)
      return DONE
    }
    if (passDetails === 'never') return DONE
    if (passDetails === 'with-packets' && briefing.packets.length === 0) return DONE
    return this.#call('attack_details', mitigation, briefing)
  }

  /** Calls the script with `unban`, unless it was never run for this mitigation. */
  withdraw(mitigation: Mitigation, briefing: Briefing): Promise<Outcome> {
    // Its end came before its packets: the script hears of both, in order.
    this.#release(mitigation.id)
    return this.#call('unban', mitigation, briefing)
  }

  /** Waiting bans and details are failed; waiting unbans are still called while there is time. */
  async stop(deadlineMs: number): Promise<void> {
    for (const id of [...this.#held.keys()]) this.#release(id)
    this.#isStopping = true
    for (const waiting of this.#queue.clearAllButUnbans()) this.#drop(waiting, 'the daemon stops')
    const idle = new Promise<void>(resolve => {
      this.#whenIdle = resolve
    })
    this.#pump()
    // The last tenth of the time is for those that do not end when asked to.
    const asking = setTimeout(() => this.#stopRunning(deadlineMs * 0.1), deadlineMs * 0.8)
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const leaving = setTimeout(resolve, deadlineMs)
    await Promise.race([idle, late])
    clearTimeout(asking)
    clearTimeout(leaving)
  }

  #stopRunning(graceMs: number): void {
    this.#isLeaving = true
    for (const waiting of this.#queue.clear()) this.#drop(waiting, 'the daemon stops')
    for (const running of this.#running) running.stop(graceMs)
  }

  #call(action: CallAction, mitigation: Mitigation, briefing: Briefing): Promise<Outcome> {
    if (this.#isStopping) return Promise.resolve(failed('the daemon stops'))
    const call = this.#encode(action, briefing)
    const { promise, resolve: settle } = Promise.withResolvers<Outcome>()
    const bytes = Buffer.byteLength(call.stdin ?? '')
    const dropped = this.#queue.offer({ action, host: mitigation.target, bytes, mitigation, call, settle })
    for (const waiting of dropped) this.#drop(waiting, `${this.#queue.size} calls wait already`)
    this.#pump()
    return promise
  }

  #encode(action: CallAction, briefing: Briefing): ScriptCall {
    const { style } = this.#options
    const call = encodeCall(action, briefing, style)
    const isTooLong = action === 'ban' && !this.#queue.hasRoomFor(Buffer.byteLength(call.stdin ?? ''))
    return isTooLong ? encodeCall(action, briefing, style, 'short') : call
  }

  #drop(waiting: WaitingCall, why: string): void {
    const { action, host, mitigation } = waiting
    if (action === 'ban') this.#neverRan.add(mitigation.id)
    this.#counts.dropped(action)
    this.#logger.warn('notify script call dropped', { action, host, attackId: mitigation.attackId, why })
    waiting.settle(failed(`the call was dropped: ${why}`))
  }

  /** Starting a program may take a millisecond or two: one in each turn of the event loop. */
  #pump(): void {
    if (this.#hasStarted || !this.#startNext()) return
    this.#hasStarted = true
    setImmediate(() => {
      this.#hasStarted = false
      this.#pump()
    })
  }

  #startNext(): boolean {
    if (this.#slotsTaken === this.#options.parallel) return false
    const waiting = this.#queue.next()
    if (waiting === undefined) {
      if (this.#slotsTaken === 0) this.#whenIdle?.()
      return false
    }
    this.#slotsTaken++
    void this.#serve(waiting).then(outcome => {
      this.#slotsTaken--
      this.#queue.done(waiting.host)
      waiting.settle(outcome)
      this.#pump()
    })
    return true
  }

  async #serve(waiting: WaitingCall): Promise<Outcome> {
    const { action, mitigation } = waiting
    if (action === 'unban' && this.#neverRan.delete(mitigation.id)) return DONE
    if (this.#neverRan.has(mitigation.id) && action !== 'ban')
      return failed('the script was not called with ban')
    let end = await this.#run(waiting)
    for (let tries = 1; isWorthAnotherTry(end) && tries < TRIES_MAX; tries++) {
      await sleep(TRY_AGAIN_MS)
      if (this.#isLeaving) break
      end = await this.#run(waiting)
    }
    return this.#ended(waiting, end)
  }

  async #run({ action, host, call, mitigation }: WaitingCall): Promise<ProgramEnd> {
    const { timeoutSeconds, killGraceMs = KILL_GRACE_MS } = this.#options
    const [, direction, power] = call.argv
    const attackId = mitigation.attackId
    this.#logger.info('notify script called', { action, host, attackId, direction, power: Number(power) })
    const env = { ...this.#env, ...call.env }
    const { action: what } = mitigation
    assert(what.kind === 'script', 'a script is called for a script action')
    const program = {
      path: what.path,
      argv: call.argv,
      env,
      stdin: call.stdin,
      keepsStdout: false,
    }
    const running = this.#runner.start(program, { timeoutMs: timeoutSeconds * 1000, killGraceMs })
    this.#running.add(running)
    const end = await running.ended
    this.#running.delete(running)
    return end
  }

  #ended(waiting: WaitingCall, end: ProgramEnd): Outcome {
    const { action, host, mitigation } = waiting
    if (action === 'ban' && end.kind === 'not-started') this.#neverRan.add(mitigation.id)
    else if (action === 'ban') this.#neverRan.delete(mitigation.id)
    this.#counts.ended(action, end)
    const facts = { action, host, attackId: mitigation.attackId, ...factsOf(end) }
    const error = whatWentWrong(end, this.#options.timeoutSeconds)
    if (error === undefined) this.#logger.info('notify script ended', facts)
    else this.#logger.warn('notify script failed', { ...facts, error })
    return error === undefined ? DONE : failed(error)
  }
}

const isWorthAnotherTry = (end: ProgramEnd): boolean => end.kind === 'not-started' && end.isTransient

const failed = (error: string): Outcome => ({ kind: 'failed', error })

function factsOf(end: ProgramEnd): Record<string, unknown> {
  if (end.kind === 'not-started') return {}
  const milliseconds = Math.round(end.milliseconds)
  return {
    milliseconds,
    ...(end.kind === 'exited' ? { status: end.status } : {}),
    ...(end.stderr === '' ? {} : { stderr: end.stderr }),
  }
}

/** `undefined` when the script ended with status 0. */
export function whatWentWrong(end: ProgramEnd, timeoutSeconds: number): string | undefined {
  switch (end.kind) {
    case 'exited':
      return end.status === 0 ? undefined : `exit status ${end.status}`
    case 'killed':
      return `killed by ${end.signal}`
    case 'timed-out':
      return `ended after ${timeoutSeconds} s, its time limit`
    case 'stopped':
      return 'ended because the daemon stops'
    case 'not-started':
      return end.error
  }
}
