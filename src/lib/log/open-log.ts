// The log of a daemon on its standard output or in a file: JSON lines through pino for machines, text for people.
//
// Writes never wait. A reader that stalls (a stopped terminal, a stuck journal) would otherwise stop detection with
// it, so lines go through a bounded buffer; at the bound new lines are dropped and counted.

import { isatty } from 'node:tty'
import { type DestinationStream, type LoggerOptions, pino } from 'pino'
import { isoTimes } from '#lib/clock/iso-times.ts'
import type { SyslogConfig } from './config.ts'
import { type Plain, presentFacts } from './facts.ts'
import { LineFile } from './line-file.ts'
import { type Facts, LEVELS, type Logger, type LogLevel } from './logger.ts'
import { openSyslogs, type SyslogOutput } from './syslog-output.ts'
import { messageText, textLine, type Wording, wordedLine, wordedText } from './text-line.ts'

export const FORMATS = ['auto', 'text', 'json', 'fastnetmon'] as const
export type LogFormat = (typeof FORMATS)[number]

export interface LogOptions {
  /** Lines below it are not written. */
  readonly level: LogLevel
  /** `auto`: text on a terminal, JSON lines otherwise. */
  readonly format: LogFormat
  /** Whether errors are written with their stacks. Default: at level `debug`. */
  readonly stacks?: boolean | undefined
  /** The words of the format `fastnetmon`, which is text without them. */
  readonly wording?: Wording | undefined
  /** Instead of standard output. */
  readonly file?: string | undefined
  /** Beside it. */
  readonly syslog?: SyslogConfig | undefined
}

/** A logger with an end. */
export interface Log extends Logger {
  /** Lines lost, by where they should have gone, because nobody took them. */
  readonly dropped: Readonly<Record<LogOutputName, number>>
  /** Lines below this level are not written from now on. */
  setLevel(level: LogLevel): void
  /** Goes on in whatever file has the log's path now, losing no line; settles when that is so. */
  reopen(): Promise<void>
  /** Waits until all lines are written, but no longer than the deadline. What is said afterwards is not written. */
  close(deadlineMs?: number): Promise<void>
}

export const LOG_OUTPUTS = ['stdout', 'file', 'syslog', 'remote-syslog'] as const
export type LogOutputName = (typeof LOG_OUTPUTS)[number]

const BUFFER_BYTES = 1024 * 1024
const CLOSE_MS = 500
/** Names of our own in a JSON line; a fact of that name gets an underscore behind it. */
const OWN_NAMES = new Set(['time', 'level', 'message'])

/** Opens the log on standard output, or on a file; throws what the system says when there can be no such file. */
export function openLog(options: LogOptions): Log {
  const main = options.file === undefined ? standardOutput() : fileOutput(options.file)
  const syslogs = options.syslog === undefined ? [] : openSyslogs(options.syslog)
  let isClosed = false
  const lines = { write: (line: string) => void (isClosed || main.write(line)) }
  const isTerminal = options.file === undefined && isatty(1)
  const settings = { ...options, format: formatFor(options.format, isTerminal) }
  return {
    ...loggerOn(lines, settings, Date.now, syslogs),
    get dropped() {
      const dropped = { stdout: 0, file: 0, syslog: 0, 'remote-syslog': 0 }
      for (const output of [main, ...syslogs]) dropped[output.name] = output.dropped
      return dropped
    },
    setLevel(level) {
      settings.level = level
    },
    reopen: () => main.reopen(),
    async close(deadlineMs = CLOSE_MS) {
      isClosed = true
      const sent = Promise.all(syslogs.map(syslog => syslog.close()))
      await Promise.all([within(sent, deadlineMs), main.close(deadlineMs)])
    },
  }
}

interface MainOutput {
  readonly name: LogOutputName
  readonly dropped: number
  write(line: string): void
  reopen(): Promise<void>
  close(deadlineMs: number): Promise<void>
}

function standardOutput(): MainOutput {
  let dropped = 0
  const output = pino.destination({ dest: 1, sync: false, minLength: 0, maxLength: BUFFER_BYTES })
  output.on('drop', () => dropped++)
  return {
    name: 'stdout',
    get dropped() {
      return dropped
    },
    write: line => void output.write(line),
    reopen: () => Promise.resolve(),
    close: deadlineMs => closeWithin(output, deadlineMs),
  }
}

function fileOutput(path: string): MainOutput {
  // The journal or the terminal hears it, because the log cannot tell.
  const trouble = (error: string | undefined) =>
    void process.stderr.write(
      error === undefined
        ? `floodwarden: the log file ${path} is written again\n`
        : `floodwarden: the log file ${path} cannot be written: ${error}\n`,
    )
  const file = new LineFile({ path, trouble })
  return {
    name: 'file',
    get dropped() {
      return file.dropped
    },
    write: line => file.write(line),
    reopen: () => file.reopen(),
    close: deadlineMs => file.close(deadlineMs),
  }
}

type FixedFormat = Exclude<LogFormat, 'auto'>

const formatFor = (format: LogFormat, isTerminal: boolean): FixedFormat =>
  format !== 'auto' ? format : isTerminal ? 'text' : 'json'

/** A logger that writes whole lines to `output`. Exported for tests and for logs that go elsewhere. */
export function loggerOn(
  output: DestinationStream,
  options: LogOptions & { readonly format: FixedFormat },
  now: () => number = Date.now,
  syslogs: readonly SyslogOutput[] = [],
): Logger {
  const stacks = options.stacks ?? options.level === 'debug'
  const write = writerFor(output, options, now)
  const sendOn = syslogWriter(syslogs, wordingOf(options), now)
  const method = (level: LogLevel) => (message: string, facts?: Facts) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(options.level)) return
    const present = presentFacts(facts ?? {}, stacks)
    write(level, message, present)
    if (syslogs.length > 0) sendOn(level, message, present)
  }
  return { debug: method('debug'), info: method('info'), warn: method('warn'), error: method('error') }
}

const wordingOf = ({ format, wording }: LogOptions): Wording | undefined =>
  format === 'fastnetmon' ? wording : undefined

function writerFor(
  output: DestinationStream,
  options: LogOptions & { readonly format: FixedFormat },
  now: () => number,
): Write {
  if (options.format === 'json') return jsonWriter(output, now)
  const wording = wordingOf(options)
  return wording === undefined ? textWriter(output, now) : wordedWriter(output, wording, now)
}

type Write = (level: LogLevel, message: string, facts: Record<string, Plain>) => void

const textWriter =
  (output: DestinationStream, now: () => number): Write =>
  (level, message, facts) =>
    output.write(textLine(now(), level, message, facts))

const wordedWriter =
  (output: DestinationStream, wording: Wording, now: () => number): Write =>
  (level, message, facts) => {
    for (const worded of wording(level, message, facts)) output.write(wordedLine(now(), worded))
  }

/** The syslog adds the time itself. */
const syslogWriter =
  (syslogs: readonly SyslogOutput[], wording: Wording | undefined, now: () => number): Write =>
  (level, message, facts) => {
    const lines = wording?.(level, message, facts) ?? [{ level, text: messageText(message, facts) }]
    for (const line of lines) {
      const text = wording === undefined ? line.text : wordedText(line)
      for (const syslog of syslogs) syslog.write(now(), line.level, text)
    }
  }

function jsonWriter(output: DestinationStream, now: () => number): Write {
  const timeText = isoTimes()
  const settings = {
    level: 'debug',
    base: null,
    messageKey: 'message',
    timestamp: () => `,"time":"${timeText(now())}"`,
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

async function within(work: Promise<unknown>, deadlineMs: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, deadlineMs)
  await Promise.race([work, late])
  clearTimeout(timer)
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
