// How long ago an attack opened, when the program that saw it open runs no more and clocks may have been set since.

export interface Clocks {
  /** Identity of this boot of the machine. */
  readonly boot: string
  readonly uptimeSeconds: number
  /** Wall clock, ms since 1970 UTC. */
  readonly wallMs: number
}

export interface Opened {
  readonly openedAt: number
  readonly boot: string
  readonly openedUptimeSeconds: number
}

/**
 * Within one boot the uptime tells, whatever was done to the time of day. Across boots the time of day tells, and it is
 * at least what had passed when the earlier program was last alive (`lastAlive`). `undefined`: the time of day is before
 * that moment, so nobody knows how long the machine was off; a ban of unknown age must not be lengthened.
 */
export function ageSeconds(opened: Opened, now: Clocks, lastAlive: Clocks | undefined): number | undefined {
  if (opened.boot === now.boot) return Math.max(0, now.uptimeSeconds - opened.openedUptimeSeconds)
  if (lastAlive !== undefined && now.wallMs < lastAlive.wallMs) return undefined
  const known =
    lastAlive?.boot === opened.boot
      ? lastAlive.uptimeSeconds - opened.openedUptimeSeconds + (now.wallMs - lastAlive.wallMs) / 1000
      : 0
  const told = (now.wallMs - opened.openedAt) / 1000
  // Neither clock may be believed when both say that it opened after now.
  if (told < 0 && known <= 0) return undefined
  return Math.max(told, known)
}
