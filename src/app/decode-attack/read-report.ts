// The report on standard input: as much as is wanted, as long as is waited, and the rest thrown away, so that whoever writes
// never waits for us.

import { setTimeout as sleep } from 'node:timers/promises'

export interface ReadReport {
  readonly text: string
  /** What was left out, and why. */
  readonly notes: readonly string[]
}

const BYTES_MAX = 4 << 20

/** Never rejects: what came until it broke is what there is. */
export async function readReport(input: NodeJS.ReadableStream, seconds: number): Promise<ReadReport> {
  const parts: Buffer[] = []
  let [bytes, rest] = [0, 0]
  const ended = new Promise<'ended'>(resolve => {
    input.on('data', (part: Buffer | string) => {
      const buffer = Buffer.from(part)
      const kept = buffer.subarray(0, BYTES_MAX - bytes)
      if (kept.length > 0) parts.push(kept)
      bytes += kept.length
      rest += buffer.length - kept.length
    })
    for (const event of ['end', 'close', 'error'] as const) input.once(event, () => resolve('ended'))
  })
  const late = sleep(seconds * 1000, 'late' as const, { ref: false })
  const how = await Promise.race([ended, late])
  return {
    text: Buffer.concat(parts).toString('utf8'),
    notes: [
      ...(how === 'late'
        ? [`standard input did not end within ${seconds} s: what came until then counts`]
        : []),
      ...(rest > 0 ? [`the report is longer than ${BYTES_MAX} bytes and was cut`] : []),
    ],
  }
}
