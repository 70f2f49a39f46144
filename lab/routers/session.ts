// The sessions of a gobgpd of the lab: whether they are up, and whether they stayed so.

import { z } from 'zod'
import type { Lab } from '../namespace.ts'
import { until } from '../until.ts'

/** Settles when the detector's gobgpd has so many sessions that are up. */
export async function untilEstablished(lab: Lab, sessions: number): Promise<void> {
  await until(async () => {
    const { stdout } = await lab.exec('detector', ['gobgp', 'neighbor'])
    const up = [...stdout.matchAll(/Establ/g)].length
    return up === sessions || `${up} sessions are up:\n${stdout}`
  })
}

const neighboursSchema = z.array(
  z.looseObject({
    state: z.looseObject({
      neighbor_address: z.string(),
      session_state: z.number().default(0),
      flops: z.number().default(0),
    }),
    timers: z.looseObject({
      state: z.looseObject({ uptime: z.looseObject({ seconds: z.number() }).optional() }).optional(),
    }),
  }),
)

/** Of each session of the role's gobgpd its state, when it came up and how often it went down; the same as long as none was reset. */
export async function sessionHistory(lab: Lab, role: string): Promise<string[]> {
  const { stdout } = await lab.exec(role, ['gobgp', 'neighbor', '-j'])
  return neighboursSchema
    .parse(JSON.parse(stdout))
    .map(({ state, timers }) => {
      const since = timers.state?.uptime?.seconds
      return `${state.neighbor_address} state ${state.session_state} since ${since}, ${state.flops} down`
    })
    .sort()
}
