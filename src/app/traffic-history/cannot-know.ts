// What an answer about another threshold cannot know, told with it.

export interface Limitations {
  /** Bans that hang on what packets looked like. */
  readonly unsure: number
  /** Seconds of the hour of which nothing is known. */
  readonly unknownSeconds: number
  /** Hosts with traffic that have no history. */
  readonly left: number
  /** Mitigations in force now. */
  readonly mitigated: number
  readonly isTotal: boolean
  readonly isSampled: boolean
}

/** One sentence each; what always holds stands last. */
export function cannotKnow(facts: Limitations): string[] {
  const { unsure, unknownSeconds, left, mitigated, isTotal, isSampled } = facts
  const counted = (count: number, one: string, many: string) => (count === 1 ? one : `${count} ${many}`)
  return [
    ...(unsure > 0
      ? [
          `${counted(unsure, 'One ban', 'bans')} would have come only if the packets had looked like an attack: what they looked like is not kept.`,
        ]
      : []),
    ...(unknownSeconds >= 60
      ? [
          `Nothing by the second is known of ${counted(Math.round(unknownSeconds / 60), 'one minute', 'minutes')} of the hour: the program began later, or the traffic did.`,
        ]
      : []),
    ...(left > 0
      ? [`${counted(left, 'One host has', 'hosts have')} traffic and no history: others had more.`]
      : []),
    ...(mitigated > 0
      ? [
          `${counted(mitigated, 'One mitigation is', 'mitigations are')} in force: what routers dropped before it came here was not measured.`,
        ]
      : []),
    ...(isSampled
      ? ['Packets were sampled: a crossing would have had to be surer than it is told here.']
      : []),
    ...(isTotal
      ? ['Totals are averages over some seconds: short bursts look lower than they were.']
      : ['Bursts shorter than a second are told as the mean of that second.']),
    'Limits of kinds of traffic, such as udp-packets or syn-packets, are not looked at: their speeds are not kept.',
  ]
}
