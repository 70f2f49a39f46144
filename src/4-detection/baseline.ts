// What calm traffic does: for each scope and minute the highest speed of a single host, and of all hosts together.
//
// Numbers are those of a whole flow window, because a limit must hold for the busiest honest host at its busiest, and not
// for the tenth of a second in which its packets came together. Lines that are visited more often are summed up until
// the window ends. The highest, and not a share of hosts: whatever is below the busiest host would ban that one.

import { addRow, METRIC, ROW } from '#3-traffic/metric.ts'
import type { Address } from '#lib/ip/address.ts'
import { type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { OpenAttack } from './attack.ts'
import type { Moment } from './ban.ts'
import { MINUTE_WORDS, wordOf } from './baseline-hour.ts'
import { NOT_LEARNED, type ScopeTable } from './baseline-scopes.ts'

/** What all scopes did in a minute. */
export interface BaselineMinute {
  /** Wall clock at its end, ms since 1970 UTC. */
  readonly at: number
  /** Names of scopes. */
  readonly scopes: readonly string[]
  /** By scope MINUTE_WORDS numbers: packets, bytes or flows per second, the highest of any window. */
  readonly values: Float64Array
  /** By scope: 1 when there was an attack, so that the minute says nothing of calm. */
  readonly isExcluded: Uint8Array
}

/** What of an attack says whose minutes are not calm. */
export type AttackNow = Pick<OpenAttack, 'scope' | 'host' | 'prefixes' | 'isOver'>

/** Windows of so many seconds make a minute. */
const MINUTE_SECONDS = 60
/** Minutes that wait to be taken; of more the oldest are lost. */
const WAITING_MAX = 15
/** Hosts with fewer packets per second than this count as silent: no limit is ever so low. */
const FLOOR = 10
/** Busy lines of one window whose visits are summed up. */
const BUSY_MAX = 65_535
const BUSY_BEGIN = 256
/** Packets and bytes: a row without its flows. */
const COUNTED = METRIC.flows
const HOST_WORD = wordOf('host', 0, 0)
const TOTAL_WORD = wordOf('total', 0, 0)

export class Baseline {
  #scopes: ScopeTable
  /** By host: number of its scope + 1, 0 for one that is not learned from. */
  readonly #scopeOf: Uint8Array
  /** By host: 1 while it is under attack. */
  readonly #isHeld: Uint8Array
  /** By line: its place among the sums of busy lines, 0 for none. */
  readonly #busyOf: Uint16Array
  readonly #busyLines = new Uint32Array(BUSY_MAX + 1)
  #busySums = new Float64Array((BUSY_BEGIN + 1) * ROW)
  #busyCount = 0
  /** MINUTE_WORDS by scope: the window in progress, and the minute in progress as speeds. */
  #window = new Float64Array(0)
  #minute = new Float64Array(0)
  #isExcluded = new Uint8Array(0)
  #seconds = 0
  /** The minute before, which an attack that opens now may have begun in. */
  #last: BaselineMinute | undefined
  #waiting: BaselineMinute[] = []
  readonly #row = new Float64Array(ROW)
  /** Busy lines that were left out of a window because there were too many, and minutes that nobody took. */
  busyRefused = 0
  minutesLost = 0

  /** `hosts`: highest host number + 1. */
  constructor(scopes: ScopeTable, hosts: number) {
    this.#scopes = scopes
    this.#scopeOf = new Uint8Array(hosts)
    this.#isHeld = new Uint8Array(hosts)
    this.#busyOf = new Uint16Array(hosts * 2)
    this.#begin()
  }

  #begin(): void {
    const count = this.#scopes.scopes.length
    this.#window = new Float64Array(count * MINUTE_WORDS)
    this.#minute = new Float64Array(count * MINUTE_WORDS)
    this.#isExcluded = new Uint8Array(count)
    this.#seconds = 0
    if (this.#last !== undefined) this.#waiting.push(this.#last)
    this.#last = undefined
  }

  /** Other scopes from now on: hosts belong to none until they are attached again, and the minute begins anew. */
  rescope(scopes: ScopeTable): void {
    this.#forgetBusy()
    this.#scopes = scopes
    this.#scopeOf.fill(0)
    this.#begin()
  }

  /** A host appeared. `isJudged`: it has limits at all. */
  attached(host: number, address: Address, isJudged: boolean, isAttacked: boolean): void {
    this.#scopeOf[host] = isJudged ? this.#scopes.scopeOf(address) + 1 : 0
    this.#isHeld[host] = isAttacked ? 1 : 0
  }

  detached(host: number): void {
    this.#scopeOf[host] = 0
    this.#forget(host * 2)
    this.#forget(host * 2 + 1)
  }

  #forget(line: number): void {
    this.#busyLines[this.#busyOf[line]!] = 0
    this.#busyOf[line] = 0
  }

  /** An attack on the host opened: this minute and the one before say nothing of calm, and the host from now on neither. */
  attacked(host: number): void {
    this.#isHeld[host] = 1
    this.#exclude(this.#scopeOf[host]! - 1)
  }

  released(host: number): void {
    this.#isHeld[host] = 0
  }

  /** What a line did since its last visit, in a tick that ends no window. */
  visit(line: number, row: Float64Array): void {
    if (this.#scopeOf[line >> 1] === 0) return
    let place = this.#busyOf[line]!
    if (place === 0) {
      if (this.#busyCount === BUSY_MAX) {
        this.busyRefused++
        return
      }
      place = ++this.#busyCount
      this.#busyOf[line] = place
      this.#busyLines[place] = line
      this.#grow(place)
      this.#busySums.fill(0, place * ROW, (place + 1) * ROW)
    }
    addRow(this.#busySums, place * ROW, row)
  }

  #grow(place: number): void {
    if ((place + 1) * ROW <= this.#busySums.length) return
    const larger = new Float64Array(this.#busySums.length * 2)
    larger.set(this.#busySums)
    this.#busySums = larger
  }

  /** The same in the tick that ends a window of `seconds`; `flows` tells the flows of a line in it. */
  visitLast(line: number, row: Float64Array, seconds: number, flows: (line: number) => number): void {
    const host = line >> 1
    const scope = this.#scopeOf[host]! - 1
    if (scope < 0 || this.#isHeld[host] === 1) return
    const place = this.#busyOf[line]!
    if (place === 0) this.#take(scope, line, row, seconds, flows)
    else {
      this.#row.set(row)
      addRow(this.#row, 0, this.#busySums.subarray(place * ROW, (place + 1) * ROW))
      this.#take(scope, line, this.#row, seconds, flows)
    }
  }

  #take(
    scope: number,
    line: number,
    row: Float64Array,
    seconds: number,
    flows: (line: number) => number,
  ): void {
    const window = this.#window
    const side = line & 1
    addRow(window, scope * MINUTE_WORDS + TOTAL_WORD + side * ROW, row)
    const packets = row[METRIC.packets]!
    if (packets < FLOOR * seconds) return
    const at = scope * MINUTE_WORDS + HOST_WORD + side * ROW
    // Packets and bytes stand in pairs, most of which are zero in most rows.
    for (let metric = 0; metric < COUNTED; metric += 2) {
      if (row[metric] === 0) continue
      if (row[metric]! > window[at + metric]!) window[at + metric] = row[metric]!
      if (row[metric + 1]! > window[at + metric + 1]!) window[at + metric + 1] = row[metric + 1]!
    }
    // No flow without a packet: few lines can have more flows than any before, and counting them costs.
    if (packets > window[at + METRIC.flows]!)
      window[at + METRIC.flows] = Math.max(window[at + METRIC.flows]!, flows(line))
  }

  /** Ends a window of `seconds`. `attacks` are open. */
  endWindow(seconds: number, now: Moment, attacks: readonly AttackNow[], numberOf: (host: string) => number) {
    if (this.#window.length === 0) return
    for (const attack of attacks) if (attack.isOver) this.#excludeAttack(attack, numberOf)
    for (const scope of this.#scopes.upwards) this.#addUpwards(scope)
    for (let word = 0; word < this.#window.length; word++) {
      const speed = this.#window[word]! / seconds
      if (speed > this.#minute[word]!) this.#minute[word] = speed
    }
    this.#window.fill(0)
    this.#forgetBusy()
    this.#seconds += seconds
    if (this.#seconds >= MINUTE_SECONDS) this.#endMinute(now)
  }

  /** Hosts of a scope belong to the one above it as well. */
  #addUpwards(scope: number): void {
    const above = this.#scopes.above[scope]!
    if (above === NOT_LEARNED) return
    const [from, to] = [scope * MINUTE_WORDS, above * MINUTE_WORDS]
    for (let word = 0; word < TOTAL_WORD; word++)
      if (this.#window[from + word]! > this.#window[to + word]!)
        this.#window[to + word] = this.#window[from + word]!
    for (let word = TOTAL_WORD; word < MINUTE_WORDS; word++)
      this.#window[to + word]! += this.#window[from + word]!
    if (this.#isExcluded[scope] === 1) this.#isExcluded[above] = 1
  }

  #excludeAttack(attack: AttackNow, numberOf: (host: string) => number): void {
    if (attack.scope === 'host') {
      this.#exclude(this.#scopeOf[numberOf(attack.host)]! - 1)
      return
    }
    for (const text of attack.prefixes) {
      const prefix: Prefix | undefined = parsePrefix(text)
      if (prefix !== undefined) for (const scope of this.#scopes.within(prefix)) this.#exclude(scope)
    }
  }

  /** This minute and the one before, for the scope and those above it (which get to know of this one as the window ends). */
  #exclude(scope: number): void {
    if (scope < 0) return
    this.#isExcluded[scope] = 1
    const { above } = this.#scopes
    for (let at = scope; at >= 0 && this.#last !== undefined; at = above[at]!) this.#last.isExcluded[at] = 1
  }

  #forgetBusy(): void {
    for (let place = 1; place <= this.#busyCount; place++) this.#forget(this.#busyLines[place]!)
    this.#busyCount = 0
  }

  #endMinute({ wallMs }: Moment): void {
    if (this.#last !== undefined) this.#waiting.push(this.#last)
    if (this.#waiting.length > WAITING_MAX) {
      this.#waiting.shift()
      this.minutesLost++
    }
    const scopes = this.#scopes.scopes.map(({ name }) => name)
    this.#last = { at: wallMs, scopes, values: this.#minute, isExcluded: this.#isExcluded }
    this.#minute = new Float64Array(this.#minute.length)
    this.#isExcluded = new Uint8Array(scopes.length)
    this.#seconds = 0
  }

  /** Minutes that have ended since the last call, oldest first; each comes when the next has ended. */
  take(): readonly BaselineMinute[] {
    const minutes = this.#waiting
    this.#waiting = []
    return minutes
  }
}
