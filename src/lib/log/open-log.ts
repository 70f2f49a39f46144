// The log of a daemon on its standard output: JSON lines through pino for machines, text for people.
//
// Writes never wait. A reader that stalls (a stopped terminal, a stuck journal) would otherwise stop detection with
// it, so lines go through a bounded buffer; at the bound new lines are dropped and counted.

import { isatty } from 'node:tty'
import { type DestinationStream, type LoggerOptions, pino } from 'pino'
import { type Plain, presentFacts } from './facts.ts'
import type { Facts, Logger } from './logger.ts'
import { textLine } from './text-line.ts'

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LEVELS)[number]
export const FORMATS = ['auto', 'text', 'json'] as const
export type LogFormat = (typeof FORMATS)[number]

export interface LogOptions {
  /** Lines below it are not written. */
  readonly level: LogLevel
  /** `auto`: text on a terminal, JSON lines otherwise. */
  readonly format: LogFormat
  /** Whether errors are written with their stacks. Default: at level `debug`. */
  readonly stacks?: boolean | undefined
}

/** A logger with an end. */
export interface Log extends Logger {
  /** Lines lost because nobody read them. */
  readonly dropped: number
  /** Waits until all lines are written, but no longer than the deadline. What is said afterwards is not written. */
  close(deadlineMs?: number): Promise<void>
}

const BUFFER_BYTES = 1024 * 1024
const CLOSE_MS = 500
/** Names of our own in a JSON line; a fact of that name gets an underscore behind it. */
const OWN_NAMES = new Set(['time', 'level', 'message'])

/** Opens the log on standard output. */
export function openLog(options: LogOptions): Log {
  let dropped = 0
  let isClosed = false
  const output = pino.destination({ dest: 1, sync: false, minLength: 0, maxLength: BUFFER_BYTES })
  output.on('drop', () => dropped++)
  const lines = { write: (line: string) => void (isClosed || output.write(line)) }
  return {
    ...loggerOn(lines, { ...options, format: formatFor(options.format, isatty(1)) }),
    get dropped() {
      return dropped
    },
    close(deadlineMs = CLOSE_MS) {
      isClosed = true
      return closeWithin(output, deadlineMs)
    },
  }
}

const formatFor = (format: LogFormat, isTerminal: boolean): 'text' | 'json' =>
  format !== 'auto' ? format : isTerminal ? 'text' : 'json'

/** A logger that writes whole lines to `output`. Exported for tests and for logs that go elsewhere. */
export function loggerOn(
  output: DestinationStream,
  options: LogOptions & { readonly format: 'text' | 'json' },
  now: () => number = Date.now,
): Logger {
  const stacks = options.stacks ?? options.level === 'debug'
  const write = options.format === 'text' ? textWriter(output, now) : jsonWriter(output, now)
  const least = LEVELS.indexOf(options.level)
  const method = (level: LogLevel) => (message: string, facts?: Facts) => {
    if (LEVELS.indexOf(level) >= least) write(level, message, presentFacts(facts ?? {}, stacks))
  }
  return { debug: method('debug'), info: method('info'), warn: method('warn'), error: method('error') }
}

type Write = (level: LogLevel, message: string, facts: Record<string, Plain>) => void

const textWriter =
  (output: DestinationStream, now: () => number): Write =>
  (level, message, facts) =>
    output.write(textLine(now(), level, message, facts))

function jsonWriter(output: DestinationStream, now: () => number): Write {
  const settings = {
    level: 'debug',
    base: null,
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
    formatters: { level: label => ({ level: label }) },
  } satisfies LoggerOptions
  const json = pino(settings, output)
  return (level, message, facts) => {
    json[level](withoutOwnNames(facts), message)
  }
}

function withoutOwnNames(facts: Record<string, Plain>): Record<string, Plain> {
  const names = Object.keys(facts)
  if (!names.some(name => OWN_NAMES.has(name))) return facts
  return Object.fromEntries(names.map(name => [OWN_NAMES.has(name) ? `${name}_` : name, facts[name] ?? null]))
}

function closeWithin(output: ReturnType<typeof pino.destination>, deadlineMs: number): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(() => {
      output.destroy()
      resolve()
    }, deadlineMs)
    output.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    output.end()
  })
}
