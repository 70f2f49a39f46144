// What a way of carrying protection profiles out has to do for us: make what is in place equal to what is desired, and read it.

import type { CountermeasureName, Protector } from '#6-policy/countermeasure.ts'
import type { ConfiguredProfile } from '#7-mitigation/protection/configured-profile.ts'
import type { Need } from '#7-mitigation/protection/holders.ts'
import type {
  BlockedSource,
  CountermeasureCounters,
  DesiredProfile,
} from '#7-mitigation/protection/profile.ts'

/** All of the profiles of one back end, as they are to be carried out now. */
export interface Wish {
  readonly profiles: readonly ConfiguredProfile[]
  /** Beside the profiles. */
  readonly desired: readonly DesiredProfile[]
  readonly needs: readonly Need[]
}

export type Carried =
  | { readonly kind: 'done'; readonly isChanged: boolean; readonly notes: readonly string[] }
  | { readonly kind: 'failed'; readonly error: string }

export type Got<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: string }
  /** This back end cannot do it. */
  | { readonly kind: 'impossible'; readonly error: string }

export interface Counted {
  readonly profile: string
  readonly countermeasure: CountermeasureName
  readonly counters: CountermeasureCounters
}

export interface Listed extends BlockedSource {
  readonly profile: string
  readonly countermeasure: CountermeasureName
}

/** None of it rejects, and none of it waits longer than its own time limits. */
export interface BackEnd {
  readonly name: Protector
  /** In words for people. */
  readonly place: string
  /** What differs is put right; done when all of it is as desired. */
  apply(wish: Wish): Promise<Carried>
  /** Nothing of ours is there afterwards. */
  remove(): Promise<Carried>
  /** What would be sent for it, in words of whoever gets it. */
  preview(wish: Wish): string
  /** Counts without sources: cheap enough for every second. */
  counts(): Promise<Got<readonly Counted[]>>
  /** Sources that are blocked now. Costs by how many there are. */
  blocked(): Promise<Got<readonly Listed[]>>
  /** `seconds` stand beside the sources. */
  block(
    profile: ConfiguredProfile,
    sources: readonly string[],
    seconds: readonly number[],
  ): Promise<Got<null>>
  unblock(profile: ConfiguredProfile, sources: readonly string[]): Promise<Got<number>>
  /** Switches that are still to be put back. */
  owed(): number
}
