// Packets of a capture file, read in large pieces into one buffer that stays where it is.

import { closeSync, openSync, readSync } from 'node:fs'
import { openPcap } from '#lib/pcap/open-pcap.ts'
import type { PcapProblem, PcapReader, PcapRecord } from '#lib/pcap/record.ts'

const BUFFER_BYTES = 4 << 20
/** For headers that are made up from flow records. */
const SPARE_BYTES = 128

/**
 * Walks a file with `next()`; the fields then say which packet it stands at.
 * A packet's bytes lie in `buffer` from `at` on and are there until the following `next()`.
 */
export class PcapFile implements PcapRecord {
  /** The same memory for the whole life of the source, so that hot code can hold it as a constant. */
  readonly buffer: ArrayBuffer
  readonly view: DataView
  /** Where in the buffer SPARE_BYTES begin that no packet lies in. */
  readonly spareAt: number
  at = 0
  captured = 0
  wire = 0
  seconds = 0
  nanoseconds = 0
  link = 0
  /** Why `next()` ended before the end of the file: set once it has returned false, or from the start when the file cannot be opened. */
  problem: PcapProblem | undefined
  readonly #bytes: Uint8Array
  #descriptor: number | undefined
  #reader: PcapReader | undefined
  /** Bytes that are read but not used yet. */
  #first = 0
  #last = 0

  /** `bufferBytes` bounds the longest record; only tests want another. */
  constructor(path: string, bufferBytes = BUFFER_BYTES) {
    this.buffer = new ArrayBuffer(bufferBytes + SPARE_BYTES)
    this.spareAt = bufferBytes
    this.view = new DataView(this.buffer)
    this.#bytes = new Uint8Array(this.buffer, 0, bufferBytes)
    try {
      this.#descriptor = openSync(path, 'r')
    } catch (error) {
      this.problem = unreadable(0, error)
    }
  }

  /** Goes to the next packet. False at the end of the file or at a problem. */
  next(): boolean {
    while (this.problem === undefined) {
      const reader = this.#reader ?? this.#open()
      if (reader !== undefined) {
        const step = reader.next(this.view, this.#first, this.#last)
        this.#first = reader.position
        if (step === 'packet') return true
        this.problem = reader.problem
      }
      if (this.problem !== undefined || !this.#fill()) return false
    }
    return false
  }

  /** Gives the file back. The buffer stays valid. */
  close(): void {
    if (this.#descriptor === undefined) return
    closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  /** `undefined` as long as there are too few bytes to tell the format, or when it is none. */
  #open(): PcapReader | undefined {
    const opened = openPcap(this.view, this.#first, this.#last, this)
    if (opened.kind === 'opened') {
      this.#reader = opened.reader
      this.#first = opened.reader.position
    } else if (opened.kind !== 'more') {
      this.problem = opened
    }
    return this.#reader
  }

  /** Moves what is left to the front and reads behind it. False at the end of the file. */
  #fill(): boolean {
    const left = this.#last - this.#first
    if (this.#descriptor === undefined) return false
    if (left === this.#bytes.length) return this.#fail('broken', `a record longer than ${left} bytes`)
    this.#bytes.copyWithin(0, this.#first, this.#last)
    this.#first = 0
    this.#last = left
    try {
      const read = readSync(this.#descriptor, this.#bytes, left, this.#bytes.length - left, null)
      this.#last += read
      if (read > 0) return true
    } catch (error) {
      this.problem = unreadable(this.#reader?.offset ?? 0, error)
      return false
    }
    if (this.#reader === undefined)
      return this.#fail('cut', left === 0 ? 'the file is empty' : 'no complete header')
    if (left > 0 || this.#reader.isWithinBlock) return this.#fail('cut', 'the file ends within a record')
    return false
  }

  #fail(kind: 'broken' | 'cut', reason: string): false {
    this.problem = { kind, at: this.#reader?.offset ?? 0, reason }
    return false
  }
}

const unreadable = (at: number, error: unknown): PcapProblem => ({
  kind: 'unreadable',
  at,
  reason: error instanceof Error ? error.message : String(error),
})
