// A line of the log as a message of the syslog: RFC 3164 for the local daemon, RFC 3164 or RFC 5424 over UDP.

import { clockText } from '#lib/clock/local-time.ts'
import type { SYSLOG_FACILITIES } from './config.ts'
import type { LogLevel } from './logger.ts'

export interface SyslogSender {
  readonly facility: (typeof SYSLOG_FACILITIES)[number]
  /** Name of the program. */
  readonly ident: string
  readonly processId: number
  readonly hostname: string
}

/** `local`: as syslog(3) writes it to /dev/log, without a host name. */
export type SyslogForm = 'local' | 'rfc3164' | 'rfc5424'

const FACILITY_NUMBER = {
  user: 1,
  daemon: 3,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const
const SEVERITY = { debug: 7, info: 6, warn: 4, error: 3 } as const
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Longest message: RFC 5424, section 6.1, asks receivers to take 2048 bytes; journald and rsyslog take 8 KiB. */
const BYTES_MAX = { local: 8000, rfc3164: 1024, rfc5424: 2048 } as const

/** One datagram. `text` is one line without its time; what is too long for the form is cut. */
export function syslogMessage(
  form: SyslogForm,
  atMs: number,
  level: LogLevel,
  text: string,
  sender: SyslogSender,
): Uint8Array {
  const priority = FACILITY_NUMBER[sender.facility] * 8 + SEVERITY[level]
  const bytes = Buffer.from(`<${priority}>${headOf(form, atMs, sender)}${text}`)
  return bytes.length <= BYTES_MAX[form] ? bytes : wholeCharacters(bytes.subarray(0, BYTES_MAX[form]))
}

function headOf(form: SyslogForm, atMs: number, { ident, processId, hostname }: SyslogSender): string {
  const at = new Date(atMs)
  if (form === 'rfc5424') return `1 ${at.toISOString()} ${hostname} ${ident} ${processId} - - `
  // RFC 3164, section 4.1.2: local time, the day filled up with a space.
  const day = String(at.getDate()).padStart(2, ' ')
  const host = form === 'local' ? '' : `${hostname} `
  return `${MONTHS[at.getMonth()]} ${day} ${clockText(at)} ${host}${ident}[${processId}]: `
}

/** Without the beginning of a character that was cut. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end--
  const lead = bytes[end - 1] ?? 0
  return lead < 0x80 ? bytes : bytes.subarray(0, end - 1)
}
