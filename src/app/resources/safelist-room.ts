// The safelist as the API sees it: entries of the configuration, and those that are added and removed while the daemon runs.
//
// An entry holds at once: rails are made anew, and what is done inside the prefix is taken back.

import type { SafelistEntry } from '#6-policy/safelist.ts'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import { isHeld } from '#7-mitigation/mitigation.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { SafeEntry, SafelistView, SafeRequest } from '#api/contract/safelist.ts'
import type { Caller } from '#api/control.ts'
import type { SafelistDesk } from '#api/resources.ts'
import type { Documents } from '#lib/documents.ts'
import { overlaps, parsePrefix } from '#lib/ip/prefix.ts'
import { actorOf } from '../actor.ts'
import { ADDED_MAX, type Added, type AddedEntry, AddedSafelist, canonicalPrefix } from './added-safelist.ts'
import type { Reach } from './reach.ts'

export interface SafelistRoomOptions {
  readonly documents: Documents
  /** Of the configuration in force. */
  readonly configured: () => readonly SafelistEntry[]
  readonly store: Pick<MitigationStore, 'active' | 'record'>
  readonly reach: Reach
  /** Has policy go on by the safelist as it is now. */
  readonly apply: () => void
  /** Takes back what is still held for an attack that is over. */
  readonly release: (attackId: string, by: Caller) => void
  readonly now: () => number
}

export class SafelistRoom implements SafelistDesk {
  readonly #options: SafelistRoomOptions
  readonly #added: AddedSafelist

  constructor(options: SafelistRoomOptions) {
    this.#options = options
    this.#added = new AddedSafelist(options.documents)
  }

  /** What was added, for rails. */
  entries(): readonly SafelistEntry[] {
    return this.#added.entries(this.#options.now())
  }

  problems(): string[] {
    return this.#added.problems()
  }

  list(by: Caller): SafelistView {
    const { configured, reach, now } = this.#options
    const entries = [
      ...configured().map(presentConfigured),
      ...this.#added.list(now()).map(presentAdded),
    ].filter(({ prefix }) => reach.sees(by, prefix))
    return { safelist: entries }
  }

  /** `inNameOf`: whom a program adds it for, as it says. */
  async add(request: SafeRequest, by: Caller, inNameOf?: string) {
    const { reach, now } = this.#options
    const prefix = canonicalPrefix(request.prefix)
    if (!reach.sees(by, prefix))
      return refused('outside-networks', `${prefix} belongs to none of your customers`)
    const at = now()
    const expiresAt = endOf(request, at)
    if (expiresAt !== undefined && expiresAt <= at)
      return refused('ends-in-the-past', request.expiresAt ?? '')
    const before = this.#added.get(prefix)
    if (before === undefined && this.#added.size >= ADDED_MAX && !this.#added.forgetEnded(at))
      return refused('safelist-full', `${ADDED_MAX} prefixes are the most`)
    const { reason } = request
    const added: Added = {
      ...{ reason, addedBy: actorOf(by), addedAt: at },
      ...(inNameOf === undefined ? {} : { inNameOf }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    }
    const kept = this.#added.put(prefix, added)
    this.#record(by, prefix, `added: ${reason}`, { before: before?.added, after: added })
    this.#options.apply()
    this.#releaseWithin(prefix, by)
    await kept
    return { kind: 'done', value: presentAdded({ prefix, added }) } as const
  }

  /** Held down after the attack is over: nobody decides about it any more. */
  #releaseWithin(text: string, by: Caller): void {
    const prefix = parsePrefix(text)
    if (prefix === undefined) return
    for (const mitigation of this.#options.store.active()) {
      const target = parsePrefix(mitigation.target)
      if (isHeld(mitigation) && target !== undefined && overlaps(prefix, target))
        this.#options.release(mitigation.attackId, by)
    }
  }

  async remove(text: string, by: Caller) {
    const { configured, reach } = this.#options
    // What cannot be read is removed by the text it has.
    const prefix = this.#added.get(text) === undefined ? canonicalPrefix(text) : text
    const entry = reach.sees(by, prefix) ? this.#added.get(prefix) : undefined
    if (entry === undefined) {
      const isConfigured = configured().some(each => canonicalPrefix(each.prefix) === prefix)
      return isConfigured && reach.sees(by, prefix)
        ? refused('configured-entry', `${prefix} is in policy.safelist`)
        : refused('not-safelisted', prefix)
    }
    const kept = this.#added.drop(prefix)
    this.#record(by, prefix, 'removed', { before: entry.added, after: undefined })
    this.#options.apply()
    await kept
    return { kind: 'done', value: presentAdded(entry) } as const
  }

  /** Forgets what has ended; call now and then. */
  tick(): void {
    if (this.#added.forgetEnded(this.#options.now())) this.#options.apply()
  }

  #record(by: Caller, target: string, reason: string, change: Pick<AuditEntry, 'before' | 'after'>): void {
    const { store, now } = this.#options
    const { before, after } = change
    store.record({
      ...{ at: now(), who: actorOf(by), what: 'safelist', target, attackId: '', mitigationId: undefined },
      ...{ outcome: 'done', reason },
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    })
  }
}

const refused = <Code extends string>(code: Code, detail: string) =>
  ({ kind: 'refused', code, detail }) as const

function endOf({ expiresAt, ttlSeconds }: SafeRequest, now: number): number | undefined {
  if (expiresAt !== undefined) return Date.parse(expiresAt)
  return ttlSeconds === undefined ? undefined : now + ttlSeconds * 1000
}

function presentConfigured({ prefix, reason, until }: SafelistEntry): SafeEntry {
  return {
    ...{ prefix: canonicalPrefix(prefix), from: 'configuration' },
    ...(reason === undefined ? {} : { reason }),
    ...(until === undefined ? {} : { expiresAt: new Date(until).toISOString() }),
  }
}

function presentAdded({ prefix, added }: AddedEntry): SafeEntry {
  if (added === undefined) return { prefix, from: 'added', problem: 'it cannot be read' }
  const { reason, addedBy, inNameOf, addedAt, expiresAt } = added
  return {
    ...{ prefix, from: 'added', reason, addedBy, addedAt: new Date(addedAt).toISOString() },
    ...(inNameOf === undefined ? {} : { inNameOf }),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
  }
}
