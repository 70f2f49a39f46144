// Rules on their way: each lies in the folder before it is sent, so that none is lost, and a host has one set of them at a time.

import { setTimeout as sleep } from 'node:timers/promises'
import { errorText } from '#lib/log/facts.ts'
import type { Courier, Delivery } from './deliver.ts'
import type { Journal } from './journal.ts'
import type { DecodeSettings } from './settings.ts'
import type { QueuedRules, WorkFolder } from './work-folder.ts'

/** What became of a call. `kept`: not delivered, a later call tries again. */
export type Outcome = 'done' | 'failed' | 'refused' | 'kept'

const LOCK_MS = 5000
const RETRY_MS = 1000

export interface Desk {
  readonly folder: WorkFolder
  readonly courier: Courier
  readonly settings: DecodeSettings
  readonly journal: Journal
  /** On the clock of `performance.now()`: no later anything is begun. */
  readonly endsAt: number
}

/** Sends rules of a host, unless it has some that still hold: `ban` and `attack_details` of one attack make one set. */
export async function postRules(desk: Desk, host: string, text: string): Promise<Outcome> {
  const { folder, settings, journal } = desk
  const now = Date.now()
  const until = now + settings.minutes * 60_000
  const kind = settings.to.kind
  const begun = await folder.exclusively(() => {
    folder.sweep(now)
    const live = folder.live(host, now)
    if (live !== undefined) return { isThere: true, until: live.until } as const
    const queued = folder.enqueue(
      { host, kind, madeAt: now, until: Math.min(until, now + settings.spoolSeconds * 1000) },
      text,
    )
    if (queued !== undefined) folder.setLive(host, until, { text, ids: [] })
    return { isThere: false, queued } as const
  }, LOCK_MS)
  if (begun === undefined) return failed(journal, 'the folder is locked by other calls')
  if (begun.isThere) {
    journal.note('info', `${host} has a rule until ${new Date(begun.until).toISOString()}: no other is made`)
    return 'done'
  }
  if (begun.queued === undefined) return failed(journal, 'too many rules wait to be sent')
  return send(desk, begun.queued)
}

/** Sends what earlier calls could not. The worst of what became of it. */
export async function sendWaiting(desk: Desk): Promise<Outcome> {
  const { folder, endsAt } = desk
  let worst: Outcome = 'done'
  while (performance.now() < endsAt) {
    const claimed = await folder.exclusively(() => folder.claim(Date.now()), LOCK_MS)
    if (claimed === undefined) return worst
    const outcome = await send(desk, claimed)
    if (outcome !== 'done') worst = outcome
    // A server that is away is away for all.
    if (outcome === 'kept') return outcome
  }
  return worst
}

async function send(desk: Desk, queued: QueuedRules): Promise<Outcome> {
  const { folder, journal, settings } = desk
  const { host } = queued
  if (queued.until <= Date.now()) {
    folder.finish(queued)
    journal.note('warning', `${host}: a rule waited too long to be sent, and is dropped`)
    return 'failed'
  }
  if (queued.kind !== settings.to.kind) {
    folder.finish(queued)
    journal.note('warning', `${host}: a rule for another kind of API waited, and is dropped`)
    return 'failed'
  }
  const text = folder.textOf(queued)
  const delivery = await tryDelivery(desk, text)
  switch (delivery.kind) {
    case 'done':
      return delivered(desk, queued, text, delivery.ids)
    case 'refused':
      folder.finish(queued)
      if (delivery.made > 0) await keepLive(desk, host, text, delivery.ids)
      else await folder.exclusively(() => folder.endLive(host), LOCK_MS)
      journal.note('error', `${host}: the server refuses the rule: ${delivery.problem}`)
      return 'refused'
    case 'failed':
      folder.putBack(queued, delivery.left)
      journal.note('error', `${host}: the rule is kept and will be tried again: ${delivery.problem}`)
      return 'kept'
  }
}

async function delivered(
  desk: Desk,
  queued: QueuedRules,
  text: string,
  ids: readonly string[],
): Promise<Outcome> {
  const { host } = queued
  desk.folder.finish(queued)
  await keepLive(desk, host, text, ids)
  desk.journal.note('info', `${host}: rule accepted`)
  return 'done'
}

/** What an earlier call had kept of the attack is all of its rules; `text` may be the rest of them. */
async function keepLive(
  { folder, settings }: Desk,
  host: string,
  text: string,
  ids: readonly string[],
): Promise<void> {
  await folder.exclusively(() => {
    const now = Date.now()
    const live = folder.live(host, now)
    const whole = live === undefined ? text : keptOf(live.kept).text
    folder.setLive(host, now + settings.minutes * 60_000, { text: whole, ids })
  }, LOCK_MS)
}

async function tryDelivery({ courier, settings, endsAt, journal }: Desk, text: string): Promise<Delivery> {
  for (let left = settings.retries, rest = text; ; left--) {
    const delivery = await deliverOnce(courier, rest)
    if (delivery.kind !== 'failed' || left <= 0 || performance.now() + RETRY_MS >= endsAt) return delivery
    journal.note('info', `it is tried again: ${delivery.problem}`)
    rest = delivery.left
    await sleep(RETRY_MS)
  }
}

/** What lies in the folder and cannot be read is nothing that could be sent later. */
async function deliverOnce(courier: Courier, text: string): Promise<Delivery> {
  try {
    return await courier.deliver(text)
  } catch (error) {
    return { kind: 'refused', problem: errorText(error), made: 0, ids: [] }
  }
}

/** Takes the rules of a host back: those that were sent by the server, those that wait from the folder. */
export async function withdrawRules(desk: Desk, host: string): Promise<Outcome> {
  const { folder, courier, journal } = desk
  const found = await folder.exclusively(() => {
    const dropped = folder.dropQueued(host)
    const live = folder.live(host, Date.now())
    if (dropped > 0) folder.endLive(host)
    return { dropped, live }
  }, LOCK_MS)
  if (found === undefined) return failed(journal, 'the folder is locked by other calls')
  if (found.live === undefined || found.dropped > 0) {
    journal.note(
      'info',
      `${host}: ${found.dropped > 0 ? 'its rule was not sent yet, and is dropped' : 'no rule of it is live'}`,
    )
    return 'done'
  }
  const { text, ids } = keptOf(found.live.kept)
  const withdrawal = await courier.withdraw(text, ids)
  if (withdrawal.kind !== 'done') {
    const end = new Date(found.live.until).toISOString()
    journal.note('error', `${host}: its rule cannot be withdrawn, and ends at ${end}: ${withdrawal.problem}`)
    return withdrawal.kind === 'refused' ? 'refused' : 'failed'
  }
  await folder.exclusively(() => folder.endLive(host), LOCK_MS)
  journal.note('info', `${host}: of its rules ${withdrawal.text}`)
  return 'done'
}

/** As `setLive` was given it. */
function keptOf(kept: unknown): { readonly text: string; readonly ids: readonly string[] } {
  const value = typeof kept === 'object' && kept !== null ? kept : {}
  return {
    text: 'text' in value && typeof value.text === 'string' ? value.text : '[]',
    ids: 'ids' in value && Array.isArray(value.ids) ? value.ids.filter(id => typeof id === 'string') : [],
  }
}

function failed(journal: Journal, problem: string): Outcome {
  journal.note('error', problem)
  return 'failed'
}
