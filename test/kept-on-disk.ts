// Waits until what a daemon decided is on its disk: a kill before that may lose it, however long the test slept.

import { until } from '../lab/until.ts'
import { Metrics } from './metrics-endpoint.ts'

/** `metricsPort`: of the daemon's endpoint on the loopback. */
export function keptOnDisk(metricsPort: number): Promise<void> {
  return until(async () => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    const waiting = new Metrics(text).value('floodwarden_store_changes_waiting')
    return waiting === 0 || `${waiting} changes wait for the disk`
  }, 60)
}
