// Reads the metrics page of a detector in a lab's namespace.

import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { assert } from '#lib/assert.ts'
import type { Lab } from '../lab/namespace.ts'

/** Values by name and labels, as the page has them. */
export type Metrics = ReadonlyMap<string, number>

const SCRAPER = new URL('./scraper.ts', import.meta.url).pathname
const LOOK_MILLISECONDS = 400
const MOST_LOOKS = 60

/** A process in the namespace that reads pages for us, one after the other; it ends with the lab. */
export class MetricsReader {
  readonly #ask: (url: string) => Promise<string>

  constructor(lab: Lab) {
    const child = lab.spawn('detector', [process.execPath, SCRAPER], { stdio: ['pipe', 'pipe', 'inherit'] })
    const { stdin, stdout } = child
    assert(stdin !== null && stdout !== null, 'the scraper is spoken to through pipes')
    const lines = createInterface({ input: stdout })
    this.#ask = async url => {
      stdin.write(`${url}\n`)
      const [line] = await once(lines, 'line')
      return JSON.parse(line)
    }
  }

  /** Empty when nobody answers. */
  async read(port: number): Promise<Metrics> {
    return parsed(await this.#ask(`http://127.0.0.1:${port}/metrics`))
  }

  /** Reads until a condition holds; throws after `seconds`. */
  async until(port: number, holds: (metrics: Metrics) => boolean, seconds: number): Promise<Metrics> {
    for (const end = performance.now() + seconds * 1000; performance.now() < end; await delay(50)) {
      const metrics = await this.read(port)
      if (holds(metrics)) return metrics
    }
    throw new Error(`no such metrics on port ${port} within ${seconds} s`)
  }

  /** Reads until a number stays the same: what was under way is counted then. */
  async settled(port: number, name: string): Promise<Metrics> {
    let last = -1
    for (let look = 0; look < MOST_LOOKS; look++) {
      const metrics = await this.read(port)
      const now = metrics.get(name) ?? -1
      if (now === last) return metrics
      last = now
      await delay(LOOK_MILLISECONDS)
    }
    throw new Error(`${name} on port ${port} does not come to rest`)
  }
}

/** Lines that are not a name with a number, comments among them, are passed over. */
function parsed(page: string): Metrics {
  const lines = page.split('\n').map(line => /^([a-z_:]+(?:\{.*\})?)\s*(-?[\d.]+(?:e[+-]?\d+)?)$/i.exec(line))
  return new Map(lines.flatMap(found => (found ? [[found[1] ?? '', Number(found[2])] as const] : [])))
}
