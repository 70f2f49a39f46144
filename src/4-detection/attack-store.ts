// Where attacks are kept so that a restart finds them: open ones, and ended ones until all was taken back.

import type { Attack } from './attack.ts'

/** Hears of each change and keeps it. Never waits, never fails its caller. */
export interface AttackKeeper {
  /** An attack opened, changed or ended. An ended one is kept until nothing is held for it any more. */
  keepAttack(attack: Attack): void
}

/** An attack as an earlier run of the daemon left it. */
export interface KeptAttack {
  readonly attack: Attack
  /** How long ago it opened; `undefined` when the clock cannot be trusted to tell. */
  readonly ageSeconds: number | undefined
}
