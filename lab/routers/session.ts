// Waits for the sessions of the detector's gobgpd.

import type { Lab } from '../namespace.ts'
import { until } from './routed-lab.ts'

/** Settles when the detector's gobgpd has so many sessions that are up. */
export async function untilEstablished(lab: Lab, sessions: number): Promise<void> {
  await until(async () => {
    const { stdout } = await lab.exec('detector', ['gobgp', 'neighbor'])
    const up = [...stdout.matchAll(/Establ/g)].length
    return up === sessions || `${up} sessions are up:\n${stdout}`
  })
}
