// Panic: all that is done is taken back, and nothing is announced until somebody arms again. For the night in which nobody
// knows what the network does.
//
// It disarms first, so that nothing that is taken back is decided anew; then rules by people end for good, and what was held
// down is let go. Then it waits a little for routers, so that whoever asks is told whether anything is left.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Actor } from '#7-mitigation/audit.ts'
import { isActive, isHeld, type Mitigation } from '#7-mitigation/mitigation.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { Panic, PanicRequest } from '#api/contract/rules.ts'
import type { Caller } from '#api/control.ts'
import { actorOf } from '../actor.ts'
import type { ArmingDesk } from '../arming/arming-desk.ts'
import type { RuleRoom } from './rule-room.ts'

export interface PanicOptions {
  readonly rules: Pick<RuleRoom, 'withdrawAll'>
  readonly arming: () => Pick<ArmingDesk, 'order'>
  readonly store: Pick<MitigationStore, 'active' | 'record'>
  /** Takes back what is still held for an attack that is over. */
  readonly release: (attackId: string, who: Actor) => void
  readonly onDisk: () => Promise<unknown>
  readonly now: () => number
  /** Missing: some seconds. */
  readonly waitMs?: number
}

/** Whoever asks waits five seconds for an answer. */
const WAIT_MS = 3000
const LOOK_MS = 50
const DRY_RUN = 'dry-run'

const isReal = (mitigation: Mitigation): boolean => isActive(mitigation) && mitigation.enforcer !== DRY_RUN

export async function panic(options: PanicOptions, { reason }: PanicRequest, by: Caller): Promise<Panic> {
  const { rules, arming, store, release, onDisk, now, waitMs = WAIT_MS } = options
  const who = actorOf(by)
  const until = performance.now() + waitMs
  const why = reason === undefined ? 'panic' : `panic: ${reason}`
  const held = store.active().filter(isReal)
  arming().order({ armed: false, reason: why }, who)
  const ended = rules.withdrawAll(why, who)
  for (const { attackId } of store.active().filter(each => isReal(each) && isHeld(each)))
    release(attackId, who)
  store.record({
    ...{
      at: now(),
      who,
      what: 'panic',
      target: 'all',
      attackId: '',
      mitigationId: undefined,
      outcome: 'done',
    },
    reason: `${why}; ${ended} rules by people withdrawn, ${held.length} mitigations taken back`,
  })
  const kept = onDisk()
  const left = () => store.active().filter(isReal).length
  while (left() > 0 && performance.now() < until) await sleep(LOOK_MS)
  await Promise.race([kept, sleep(LOOK_MS)])
  return {
    ...{ rules: ended, mitigations: held.length, stillHeld: left(), armed: false },
    liftedBy: 'floodwarden arm',
  }
}
