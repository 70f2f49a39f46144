// A log line for people: `2026-11-20 10:11:49.533 info  message key=value`; and in the words of another program.

import { clockText, dateText } from '#lib/clock/local-time.ts'
import type { Plain } from './facts.ts'
import type { LogLevel } from './logger.ts'

const LEVEL_WIDTH = 5
const BARE = /^[\w.:/@+%,-]+$/
// C0 is escaped by JSON; what is left would still move a cursor or hide text.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed here.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g

/** One line with its line end; values of several lines (stacks) follow it, indented. Time is local, to the millisecond. */
export function textLine(atMs: number, level: string, message: string, facts: Record<string, Plain>): string {
  return `${momentOf(atMs, '.')} ${level.padEnd(LEVEL_WIDTH)} ${messageText(message, facts)}`
}

/** One line of a level and a text. */
export interface Worded {
  readonly level: LogLevel
  readonly text: string
}

/** What a message says in the words of another program: one line or several. */
export type Wording = (level: LogLevel, message: string, facts: Record<string, Plain>) => readonly Worded[]

const FRAME_LEVEL = { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const

/** `[INFO] text`: the frame of log4cpp and others. */
export const wordedText = ({ level, text }: Worded): string => `[${FRAME_LEVEL[level]}] ${text}`

/** `2026-11-20 10:11:49,533 [INFO] text`, with its line end. */
export const wordedLine = (atMs: number, worded: Worded): string =>
  `${momentOf(atMs, ',')} ${wordedText(worded)}\n`

function momentOf(atMs: number, point: '.' | ','): string {
  const at = new Date(atMs)
  return `${dateText(at)} ${clockText(at)}${point}${String(at.getMilliseconds()).padStart(3, '0')}`
}

/** `message key=value` with its line end; values of several lines follow it, indented. */
export function messageText(message: string, facts: Record<string, Plain>): string {
  let line = clean(message)
  let after = ''
  for (const [name, value] of Object.entries(facts)) {
    if (typeof value === 'string' && value.includes('\n')) after += block(name, value)
    else line += ` ${clean(name)}=${valueText(value)}`
  }
  return `${line}\n${after}`
}

function valueText(value: Plain): string {
  if (typeof value === 'string' && BARE.test(value)) return value
  return clean(JSON.stringify(value))
}

const block = (name: string, text: string): string =>
  `    ${clean(name)}:\n${text
    .split('\n')
    .map(line => `      ${clean(line)}\n`)
    .join('')}`

const clean = (text: string): string => text.replace(CONTROL, '?')
