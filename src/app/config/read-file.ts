// Files of a configuration: read with a bound, and as text of a known encoding.

import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'

export type ReadResult =
  | { readonly kind: 'ok'; readonly bytes: Uint8Array }
  | { readonly kind: 'missing' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'failed'; readonly error: string }

/** Reads a regular file of at most `bytesMax` bytes. Pipes and devices are refused: they may never end. */
export function readBounded(path: string, bytesMax: number): ReadResult {
  let file: number | undefined
  try {
    // Without O_NONBLOCK the open of a pipe waits until somebody writes to it.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = fstatSync(file)
    if (!stat.isFile()) return { kind: 'failed', error: 'it is no regular file' }
    if (stat.size > bytesMax) return { kind: 'too-large' }
    return { kind: 'ok', bytes: readFileSync(file) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return { kind: 'missing' }
    if (code === 'EACCES') return { kind: 'failed', error: 'this user may not read it' }
    return { kind: 'failed', error: error instanceof Error ? error.message : String(error) }
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

export type DecodeResult =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'not-utf8'; readonly line: number; readonly column: number }

/** UTF-8 as text; otherwise line and column (in bytes) of the first byte that is none. */
export function decodeUtf8(bytes: Uint8Array): DecodeResult {
  try {
    return { kind: 'ok', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { kind: 'not-utf8', ...firstWrongByte(bytes) }
  }
}

function firstWrongByte(bytes: Uint8Array): { line: number; column: number } {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const again = new TextEncoder().encode(text)
  // Both are equal up to the byte that became U+FFFD.
  let at = 0
  while (at < bytes.length && bytes[at] === again[at]) at++
  const before = bytes.subarray(0, at)
  const lineStart = before.lastIndexOf(0x0a) + 1
  const line = before.reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 1)
  return { line, column: at - lineStart + 1 }
}

/** Text of a file whose encoding nobody checks: UTF-8 when it is (a byte order mark is kept), otherwise one character per byte. */
export function decodeLeniently(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return new TextDecoder('latin1').decode(bytes)
  }
}
