// Asks whoever sits at the terminal.

import { createInterface } from 'node:readline/promises'
import type { ReadStream, WriteStream } from 'node:tty'

/** The answer without blanks around it; `undefined` when nobody sits there, or whoever does sends an end of input. */
export async function question(
  text: string,
  input: Pick<ReadStream, 'isTTY'> & NodeJS.ReadableStream,
  output: Pick<WriteStream, 'isTTY'> & NodeJS.WritableStream,
): Promise<string | undefined> {
  if (!input.isTTY || !output.isTTY) return undefined
  const lines = createInterface({ input, output })
  try {
    const gone = new Promise<undefined>(resolve => lines.once('close', () => resolve(undefined)))
    return (await Promise.race([lines.question(text), gone]))?.trim()
  } finally {
    lines.close()
  }
}
