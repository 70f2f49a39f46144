// Keeps an Alertmanager told of what is under attack: it forgets alerts that are not told again, and so must we not be silent.
//
// No queue: what counts is how things stand, and that is sent whole, at once when it changes and again each minute. An end that
// cannot be told comes by itself, when the alert's time is over.

import type { Logger } from '#lib/log/logger.ts'
import type { Fetched, SafeRequest } from '#lib/safe-fetch.ts'
import { type Carried, carriedBy, type Message } from '../delivery/carrier.ts'
import { Fares, type Outlet, type OutletStatus } from '../delivery/outlet.ts'
import type { Notice } from '../notice/notice.ts'
import type { NoticeWords } from '../notice/words.ts'
import { jsonPost } from '../webhook/alert.ts'
import { type AlertmanagerAlert, alertOf } from './alerts.ts'

export interface AlertmanagerTarget {
  /** Its address, without `/api/v2/alerts`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

export interface MirrorOptions {
  readonly id: string
  readonly name: string
  readonly fetch: (request: SafeRequest) => Promise<Fetched>
  readonly words: (notice: Notice) => NoticeWords
  readonly link: (notice: Notice) => string | undefined
  readonly log: Logger
  readonly now: () => number
  /** A minute unless a test is in a hurry. */
  readonly everyMs?: number
  readonly count: (fate: 'sent' | 'again' | 'refused') => void
}

const EVERY_MS = 60_000
/** As many rounds may fail before alerts end by themselves; Prometheus does the same. */
const ROUNDS = 4
const TRY_AGAIN_MS = 2000
const ALERTS_MAX = 2000

/** What begins and ends with an attack alone is an alert. */
const NO_ATTACKS: ReadonlySet<Notice['kind']> = new Set(['refused', 'reloaded', 'trouble'])

interface Shown {
  readonly alert: AlertmanagerAlert
  /** Not told since it changed. */
  isNew: boolean
  /** It is over: told once more, and then forgotten. */
  isOver: boolean
}

export class AlertmanagerMirror implements Outlet {
  readonly #options: MirrorOptions
  #target: AlertmanagerTarget
  #words: MirrorOptions['words']
  #link: MirrorOptions['link']
  readonly #fares = new Fares()
  /** By labels: what alerts are one and the same by. */
  readonly #shown = new Map<string, Shown>()
  readonly #of = new Map<string, string>()
  #timer: NodeJS.Timeout | undefined
  #isBusy = false
  #isStopped = false
  #tries = 0
  #nextTryAt: number | undefined

  constructor(target: AlertmanagerTarget, options: MirrorOptions) {
    this.#target = target
    this.#options = options
    this.#words = options.words
    this.#link = options.link
  }

  get id(): string {
    return this.#options.id
  }

  /** By other settings. */
  goOn(target: AlertmanagerTarget, words: MirrorOptions['words'], link: MirrorOptions['link']): void {
    this.#target = target
    this.#words = words
    this.#link = link
    if (this.#tries > 0) this.#plan(0)
  }

  tell(message: Message): void {
    if (message.form !== 'notice' || this.#isStopped) return
    const { notice } = message
    if (NO_ATTACKS.has(notice.kind)) return
    const isOver = notice.kind === 'ended'
    // What it was never told needs no end.
    if (isOver && !this.#of.has(notice.group)) return
    const alert = this.#alert(notice, isOver ? this.#options.now() : this.#endsAt)
    const key = JSON.stringify(alert.labels)
    const before = this.#of.get(notice.group)
    if (before !== undefined && before !== key) this.#end(before)
    if (this.#shown.size >= ALERTS_MAX && !this.#shown.has(key)) {
      this.#fares.lost++
      this.#options.count('refused')
      return
    }
    this.#shown.set(key, { alert, isNew: true, isOver })
    if (isOver) this.#of.delete(notice.group)
    else this.#of.set(notice.group, key)
    this.#plan(0)
  }

  /** Its labels changed: what it was is over. */
  #end(key: string): void {
    const shown = this.#shown.get(key)
    if (shown === undefined) return
    const endsAt = new Date(this.#options.now()).toISOString()
    this.#shown.set(key, { alert: { ...shown.alert, endsAt }, isNew: true, isOver: true })
  }

  async test(message: Message): Promise<Carried> {
    if (message.form !== 'notice') return { kind: 'refused', error: 'it is told of attacks alone' }
    return carriedBy(await this.#post([this.#alert(message.notice, this.#options.now() + EVERY_MS)]))
  }

  status(): OutletStatus {
    const waiting = [...this.#shown.values()].filter(({ isNew }) => isNew).length
    const { id, name } = this.#options
    const nextTryAt = this.#nextTryAt
    return {
      ...{ id, name, type: 'alertmanager', ...this.#fares.view(), waiting },
      ...(nextTryAt === undefined ? {} : { nextTryAt }),
    }
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #alert(notice: Notice, endsAt: number): AlertmanagerAlert {
    return alertOf(notice, this.#words(notice), this.#link(notice), endsAt)
  }

  get #endsAt(): number {
    return this.#options.now() + ROUNDS * this.#everyMs
  }

  get #everyMs(): number {
    return this.#options.everyMs ?? EVERY_MS
  }

  #plan(inMs: number): void {
    if (this.#isStopped || this.#isBusy) return
    clearTimeout(this.#timer)
    this.#nextTryAt = this.#tries > 0 ? this.#options.now() + inMs : undefined
    this.#timer = setTimeout(() => void this.#round(), inMs).unref()
  }

  async #round(): Promise<void> {
    const told = [...this.#shown]
    if (told.length === 0 || this.#isStopped) return
    this.#isBusy = true
    const endsAt = new Date(this.#endsAt).toISOString()
    const alerts = told.map(([, { alert, isOver }]) => (isOver ? alert : { ...alert, endsAt }))
    const carried = carriedBy(await this.#post(alerts))
    this.#isBusy = false
    this.#heard(carried, told)
    const hasNew = [...this.#shown.values()].some(({ isNew }) => isNew)
    const again = Math.min(this.#everyMs, TRY_AGAIN_MS * 2 ** Math.min(10, this.#tries - 1))
    if (this.#tries > 0) this.#plan(again)
    else if (hasNew) this.#plan(0)
    else if (this.#shown.size > 0) this.#plan(this.#everyMs)
  }

  #heard(carried: Carried, told: readonly (readonly [string, Shown])[]): void {
    const { now, count, log, name } = this.#options
    if (carried.kind !== 'taken') {
      if (this.#tries++ === 0)
        log.warn('Alertmanager did not take alerts', { destination: name, error: carried.error })
      this.#fares.failed(now(), carried.error)
      count('again')
      return
    }
    if (this.#tries > 0) log.info('Alertmanager takes alerts again', { destination: name })
    this.#tries = 0
    this.#fares.took(now())
    count('sent')
    for (const [key, shown] of told) {
      if (this.#shown.get(key) !== shown) continue
      if (shown.isOver) this.#shown.delete(key)
      else shown.isNew = false
    }
  }

  #post(alerts: readonly AlertmanagerAlert[]): Promise<Fetched> {
    const { url, headers } = this.#target
    return this.#options.fetch(jsonPost(`${url.replace(/\/$/, '')}/api/v2/alerts`, alerts, headers))
  }
}
