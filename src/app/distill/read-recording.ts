// Reads a file of whatever form as a recording: a capture, a report of FastNetMon or of ours. Its bytes say which it is.

import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import type { Wish } from '#5-evidence/distill/choose-victim.ts'
import type { Recorded, Recording } from '#5-evidence/distill/recording.ts'
import { recordingOfReport } from '#5-evidence/distill/recording-of-report.ts'
import type { CountedLengths } from '#5-evidence/distill/sample-of-record.ts'
import { REPORT_SCHEMA, reportSchema } from '#5-evidence/report-json.ts'
import { isDump, readDump } from '#compat/fastnetmon/dump/read-dump.ts'
import { nestsTooDeep } from '#lib/json-nesting.ts'
import { openPcap } from '#lib/pcap/open-pcap.ts'
import type { PcapRecord } from '#lib/pcap/record.ts'
import { type ReadRecording, readCapture } from './read-capture.ts'

export interface RecordingOptions {
  readonly wish: Wish
  /** What sizes in reports count. */
  readonly lengths: CountedLengths
  readonly packetsMax: number
}

const HEAD_BYTES = 4096
/** Reports are short; a longer text is something else. */
const TEXT_BYTES_MAX = 64 << 20

const FORMS = 'a capture (pcap, pcapng), a report of FastNetMon, or a JSON report of Floodwarden'

/** Never throws; a problem says what is wrong and what was expected. */
export function readRecording(path: string, options: RecordingOptions): ReadRecording {
  const head = firstBytes(path)
  if (typeof head === 'string') return refused(head)
  const record: PcapRecord = { at: 0, captured: 0, wire: 0, seconds: 0, nanoseconds: 0, link: 0 }
  const view = new DataView(head.buffer, head.byteOffset, head.length)
  const capture = openPcap(view, 0, head.length, record)
  if (capture.kind === 'opened') return readCapture(path, options.wish, options.packetsMax)
  if (capture.kind === 'broken' && capture.reason.startsWith('compressed')) return refused(capture.reason)
  try {
    if (statSync(path).size > TEXT_BYTES_MAX)
      return refused(`it is not ${FORMS}: it is too large for a report`)
    return readText(readFileSync(path, 'utf8'), options)
  } catch (error) {
    return refused(messageOf(error))
  }
}

/** Or why there are none. */
function firstBytes(path: string): Uint8Array | string {
  try {
    const file = openSync(path, 'r')
    try {
      const head = new Uint8Array(HEAD_BYTES)
      return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0))
    } finally {
      closeSync(file)
    }
  } catch (error) {
    return messageOf(error)
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** A report that is at hand already. */
export function readText(
  text: string,
  { lengths, packetsMax }: Omit<RecordingOptions, 'wish'>,
): ReadRecording {
  if (text.trim() === '') return refused('it is empty')
  if (text.trimStart().startsWith('{')) return readJson(text, lengths, packetsMax)
  if (!isDump(text)) return refused(`it is not ${FORMS}`)
  return { kind: 'read', recording: thinned(readDump(text, lengths), packetsMax) }
}

function readJson(text: string, lengths: CountedLengths, packetsMax: number): ReadRecording {
  let value: unknown
  try {
    if (nestsTooDeep(text)) return refused('its JSON nests too deep for a report')
    value = JSON.parse(text)
  } catch (error) {
    return refused(`its JSON cannot be read: ${messageOf(error)}`)
  }
  const report = reportSchema.safeParse(value)
  if (!report.success) {
    const [issue] = report.error.issues
    const where = issue?.path.join('.') ?? ''
    return refused(`it is no ${REPORT_SCHEMA}: ${where === '' ? '' : `${where}: `}${issue?.message ?? ''}`)
  }
  return { kind: 'read', recording: thinned(recordingOfReport(report.data, lengths), packetsMax) }
}

/** At most so many packets, evenly chosen, each of which stands for more then. */
function thinned(recording: Recording, packetsMax: number): Recording {
  const { packets, notes } = recording
  const every = Math.ceil(packets.length / packetsMax)
  if (every <= 1) return recording
  return {
    ...recording,
    packets: packets.filter((_, at) => at % every === 0).map(packet => heavier(packet, every)),
    notes: [...notes, `of ${packets.length} packets one of ${every} was looked at`],
  }
}

const heavier = ({ record, sample }: Recorded, factor: number): Recorded => ({
  record: { ...record, weight: record.weight * factor },
  sample: { ...sample, weight: sample.weight * factor },
})

const refused = (problem: string): ReadRecording => ({ kind: 'refused', problem })
