// Compresses what is served once, at the build, as small as it gets: by Brotli (RFC 7932) and gzip (RFC 1952).

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const WORTH_IT = /\.(?:js|css|html|svg|json)$/

/** Puts `NAME.br` and `NAME.gz` beside each file of text in the folder. */
export function compressFolder(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !WORTH_IT.test(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = readFileSync(path)
    const best = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, best))
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
  }
}
