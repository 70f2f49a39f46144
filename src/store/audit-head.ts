// The newest entry of the audit, written down in a file beside the state: whoever cuts the end of the chain and mends the
// marks in the database would have to mend this too.

import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Link } from './audit-chain.ts'
import type { BackEnd } from './dialect.ts'

const linkSchema = z.object({ sequence: z.int().nonnegative(), hash: z.string().regex(/^[0-9a-f]{64}$/) })
const MODE = 0o640
/** Never cut off: at no moment is there no entry in it. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT
/** As long whatever the entry, so that each stands where the one before stood. */
const LENGTH = 127

const pathOf = (directory: string, backEnd: BackEnd): string => join(directory, `audit-head-${backEnd}.json`)

/** `undefined` when there is none, or none that can be read. */
export function readHeadFile(directory: string, backEnd: BackEnd): Link | undefined {
  try {
    return linkSchema.parse(JSON.parse(readFileSync(pathOf(directory, backEnd), 'utf8')))
  } catch {
    return undefined
  }
}

/**
 * Called after the entry is in the database, so the file is never ahead of it. It is not synced: after a power cut it may
 * be behind, which is no contradiction. A disk that refuses it costs this second proof only.
 */
export function writeHeadFile(directory: string, backEnd: BackEnd, { sequence, hash }: Link): boolean {
  try {
    const file = openSync(pathOf(directory, backEnd), FLAGS, MODE)
    try {
      writeSync(file, `${JSON.stringify({ sequence, hash }).padEnd(LENGTH)}\n`)
    } finally {
      closeSync(file)
    }
    return true
  } catch {
    return false
  }
}
