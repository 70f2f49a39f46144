// A folder of prefixd: found by what is named, its files read with a bound.

import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { type FileText, type PrefixdSource, readFolder } from '#compat/prefixd/folder.ts'
import { decodeUtf8, readBounded } from './read-file.ts'

const MAIN = 'prefixd.yaml'
/** An inventory may be long: 16 MiB hold about half a million prefixes. */
const FILE_BYTES_MAX = 16 * 1024 * 1024

/** The folder that a directory, or the prefixd.yaml in it, stands for; `undefined`: there is no prefixd.yaml. */
export function prefixdFolderOf(path: string): string | undefined {
  if (basename(path) === MAIN) return dirname(path)
  return isDirectory(path) && existsSync(join(path, MAIN)) ? path : undefined
}

/** What cannot be looked at is told when it is opened. */
export function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** Reads the files of a folder as prefixd does. What is wrong is told as problems, never thrown. */
export const loadPrefixd = (folder: string): PrefixdSource =>
  readFolder(folder, name => readText(join(folder, name)), resolve(folder))

function readText(path: string): FileText {
  const read = readBounded(path, FILE_BYTES_MAX)
  switch (read.kind) {
    case 'missing':
    case 'failed':
      return read
    case 'too-large':
      return { kind: 'failed', error: 'the file is larger than 16 MiB' }
    case 'ok': {
      const decoded = decodeUtf8(read.bytes)
      if (decoded.kind === 'ok') return decoded
      const error = `the text is not UTF-8 from line ${decoded.line}, column ${decoded.column} on`
      return { kind: 'failed', error }
    }
  }
}
