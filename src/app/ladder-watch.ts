// Where open attacks stand on their playbooks, and what was last wanted for each; asked for a part of them each second.

import type { Attack } from '#4-detection/attack.ts'
import type { Decision } from '#6-policy/decide.ts'
import type { Ladder } from '#6-policy/ladder.ts'
import { placeText, wantedText } from '#6-policy/wanted.ts'
import { isWanted, type Mitigation } from '#7-mitigation/mitigation.ts'
import { SteadyMap } from '#lib/hash/steady-map.ts'

interface Watched {
  ladder: Ladder | undefined
  /** The place and all that was wanted there, in words. */
  readonly wanted: string
}

/** A part of the attacks, so that whoever else wants the thread gets it soon. */
export interface Slice {
  readonly most: number
  readonly isNewTurn: boolean
}

/** So many attacks are looked at in one turn: with tens of thousands open each is looked at more seldom. */
const TURN_MAX = 2000

export class LadderWatch {
  readonly #watched = new SteadyMap<Watched>()
  #turn: string[] = []
  /** So many of the turn have been given. */
  #given = 0

  ladderOf(attackId: string): Ladder | undefined {
    return this.#watched.get(attackId)?.ladder
  }

  /** Notes what was decided; true when another place or other actions are wanted than before. */
  decided(attackId: string, decision: Decision): boolean {
    const wanted = wantedText(decision)
    const before = this.#watched.get(attackId)
    if (before?.wanted === wanted) before.ladder = decision.ladder
    else this.#watched.set(attackId, { ladder: decision.ladder, wanted })
    return before !== undefined && before.wanted !== wanted
  }

  /** Takes up where an attack stood when an earlier run ended, as far as its mitigations tell. */
  adopt(attack: Attack, mitigations: readonly Mitigation[]): void {
    const held = mitigations.filter(one => isWanted(one) && one.playbook !== '')
    const top = held.reduce((most, { step }) => Math.max(most, step), 0)
    const onTop = held.filter(({ step }) => step === top)
    const [first] = onTop
    if (first === undefined || attack.state !== 'open') return
    const sinceMs = Math.max(...onTop.map(({ createdAt }) => createdAt))
    const ladder = { playbook: first.playbook, step: top, sinceMs, calmSinceMs: undefined }
    this.#watched.set(attack.id, {
      ladder,
      wanted: placeText(
        ladder,
        held.map(({ action }) => action),
      ),
    })
  }

  forget(attackId: string): void {
    this.#watched.delete(attackId)
  }

  /** The next attacks that are to be decided about again; when all have had their turn, only `isNewTurn` begins with the first. */
  next({ most, isNewTurn }: Slice = { most: TURN_MAX, isNewTurn: true }): string[] {
    if (this.#given >= this.#turn.length && isNewTurn) {
      this.#turn = [...this.#watched.keys()]
      this.#given = 0
    }
    const next = this.#turn.slice(this.#given, this.#given + most)
    this.#given += next.length
    return next
  }
}
