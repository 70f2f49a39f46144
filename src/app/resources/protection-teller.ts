// Tells the live feed of protection profiles that stand otherwise than a second ago: counters alone are no change.

import type { ProfileView, ProtectionDesk } from '#7-mitigation/protection/desk.ts'
import type { Profile } from '#api/contract/protection.ts'
import { presentProfile } from '#api/present-protection.ts'

export interface ProtectionTellerOptions {
  readonly profiles: ProtectionDesk['profiles']
  readonly tell: (profile: Profile) => void
  /** Whether anybody hears. */
  readonly isHeard: () => boolean
}

export class ProtectionTeller {
  readonly #options: ProtectionTellerOptions
  /** By profile, as it was last looked at. */
  #known: ReadonlyMap<string, string> = new Map()

  constructor(options: ProtectionTellerOptions) {
    this.#options = options
  }

  /** Call once a second. Whoever begins to hear asks for the list first; so what was before is told to nobody. */
  second(): void {
    const { profiles, tell, isHeard } = this.#options
    if (!isHeard()) {
      this.#known = new Map()
      return
    }
    const before = this.#known
    const now = profiles().map(view => ({ view, text: standing(view) }))
    this.#known = new Map(now.map(({ view, text }) => [view.id, text]))
    if (before.size === 0) return
    for (const { view, text } of now) if (before.get(view.id) !== text) tell(presentProfile(view))
  }
}

/** Everything but counts. */
const standing = ({ countermeasures, ...view }: ProfileView): string =>
  JSON.stringify([
    view,
    countermeasures.map(({ counters: _counters, threshold, ...one }) => [one, threshold?.isOver]),
  ])
