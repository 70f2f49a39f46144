// A notice as a message of the syslog: RFC 5424, with what it says in structured data (section 6.3) for machines.

import type { Severity } from '#6-policy/severity.ts'
import type { Notice } from '../notice/notice.ts'
import type { Spoken } from '../notice/spoken.ts'

export const FACILITIES = {
  user: 1,
  daemon: 3,
  auth: 4,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const
export type Facility = keyof typeof FACILITIES

export interface SyslogFrom {
  readonly facility: Facility
  readonly hostname: string
  readonly processId: number
  /** The private enterprise number behind the name of the structured data (section 7.2.2). */
  readonly enterprise: number
}

/** critical, error, warning, notice (section 6.2.1). */
const LEVEL: Readonly<Record<Severity, number>> = { critical: 2, high: 3, medium: 4, low: 5 }
const INFORMATIONAL = 6
/** RFC 5424, section 6.1: a receiver should take 2048 bytes; over TCP more is usual. */
export const BYTES_MAX = { udp: 2048, stream: 8192 } as const

export function syslogNotice(notice: Notice, spoken: Spoken, from: SyslogFrom, bytesMax: number): Buffer {
  const { kind, severity } = notice
  const isQuiet = kind === 'ended' || kind === 'reloaded' || kind === 'test'
  const priority = FACILITIES[from.facility] * 8 + (isQuiet ? INFORMATIONAL : LEVEL[severity])
  const host = printable(from.hostname, 255)
  const head = `<${priority}>1 ${new Date(notice.at).toISOString()} ${host} floodwarden ${from.processId} ${kind} `
  // The mark says that the text is UTF-8 (section 6.4).
  const said = `\uFEFF${oneLine(`${spoken.title}. ${spoken.text}`)}`
  const structured = dataOf(notice, spoken, from)
  const bytes = Buffer.from(`${head}${structured} ${said}`)
  return bytes.length <= bytesMax ? bytes : wholeCharacters(bytes.subarray(0, bytesMax))
}

/** RFC 6587, section 3.4.1, and RFC 5425, section 4.3: the length in front, so that a text may hold anything. */
export const framed = (message: Buffer): Buffer => Buffer.concat([Buffer.from(`${message.length} `), message])

/** A message that is too long is cut in its text: values are held so short that the data always fits. */
const VALUE_MAX = 128

function dataOf(notice: Notice, { link }: Spoken, { enterprise }: SyslogFrom): string {
  const targets = notice.listed.slice(0, 5).map(({ target }) => target)
  const params: readonly (readonly [string, string | number | undefined])[] = [
    ['id', notice.id],
    ['group', notice.group],
    ['severity', notice.severity],
    ['target', targets.join(' ')],
    ['around', notice.around],
    ['attacks', notice.attacks],
    ['open', notice.open],
    ['direction', notice.direction],
    ['vector', notice.vectors.slice(0, 3).join(' ')],
    ['customer', notice.customer],
    ['network', notice.network],
    ['packetsPerSecond', notice.packetsPerSecond],
    ['bitsPerSecond', notice.bitsPerSecond],
    ['dryRun', notice.isDryRun ? 'true' : undefined],
    ['link', link],
  ]
  const written = params.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [` ${name}="${escaped(String(value))}"`],
  )
  return `[floodwarden@${enterprise}${written.join('')}]`
}

/** Section 6.3.3: a backslash before quote, backslash and bracket. */
const escaped = (value: string): string =>
  oneLine(value)
    .slice(0, VALUE_MAX)
    .toWellFormed()
    .replaceAll(/["\\\]]/g, '\\$&')

// biome-ignore lint/suspicious/noControlCharactersInRegex: what a receiver would take for the end of a message.
const oneLine = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ')

const printable = (text: string, characters: number): string =>
  text.replaceAll(/[^\x21-\x7e]/g, '').slice(0, characters) || '-'

/** Without the beginning of a character that was cut. */
function wholeCharacters(bytes: Buffer): Buffer {
  let end = bytes.length
  while (end > 0 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end--
  return (bytes[end - 1] ?? 0) < 0x80 ? bytes : bytes.subarray(0, end - 1)
}
