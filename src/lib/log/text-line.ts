// A log line for people: `2026-11-20 10:11:49.533 info  message key=value`.

import { clockText, dateText } from '#lib/clock/local-time.ts'
import type { Plain } from './facts.ts'

const LEVEL_WIDTH = 5
const BARE = /^[\w.:/@+%,-]+$/
// C0 is escaped by JSON; what is left would still move a cursor or hide text.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed here.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g

/** One line with its line end; values of several lines (stacks) follow it, indented. Time is local, to the millisecond. */
export function textLine(atMs: number, level: string, message: string, facts: Record<string, Plain>): string {
  const at = new Date(atMs)
  const milliseconds = String(at.getMilliseconds()).padStart(3, '0')
  let line = `${dateText(at)} ${clockText(at)}.${milliseconds} ${level.padEnd(LEVEL_WIDTH)} ${clean(message)}`
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
