// Standard input as a file, because captures are read twice: in a folder of our own that nobody else can look into.

import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** More is refused: a capture that large is better named as a file. */
const BYTES_MAX = 2 ** 30

export type Spooled<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'refused'; readonly problem: string }

/** Gives the file to `use` and removes it afterwards. */
export async function withSpooled<Value>(
  input: NodeJS.ReadableStream,
  use: (path: string) => Value,
): Promise<Spooled<Value>> {
  const folder = mkdtempSync(join(tmpdir(), 'floodwarden-distill-'))
  try {
    const path = join(folder, 'input')
    await pipeline(input, atMost(BYTES_MAX), createWriteStream(path, { mode: 0o600, flags: 'wx' }))
    return { kind: 'done', value: use(path) }
  } catch (error) {
    return { kind: 'refused', problem: error instanceof Error ? error.message : String(error) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function atMost(bytesMax: number): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > bytesMax)
        done(new Error(`standard input is longer than ${bytesMax} bytes: name the file instead`))
      else done(null, chunk)
    },
  })
}
