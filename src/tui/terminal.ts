// The terminal as a place to draw whole screens, given back as it was however the program ends.

import { StringDecoder } from 'node:string_decoder'
import type { ReadStream, WriteStream } from 'node:tty'
import { type Line, type Mark, textOf } from './lines.ts'

/** What the console needs of a terminal. */
export interface Terminal {
  size(): { readonly columns: number; readonly rows: number }
  /** Takes the terminal over; `end` is called when a signal asks the program to end. */
  enter(handlers: TerminalHandlers): void
  /** Shows the lines from the top; what stood there before is gone. */
  draw(lines: readonly Line[]): void
  /** Gives the terminal back. Safe to repeat. */
  leave(): void
}

export interface TerminalHandlers {
  keys(input: string): void
  resized(): void
  end(): void
}

const ESC = '\u001b'
const ENTER = `${ESC}[?1049h${ESC}[?25l${ESC}[?7l`
const LEAVE = `${ESC}[?7h${ESC}[?25h${ESC}[?1049l`
const BEGIN_FRAME = `${ESC}[?2026h${ESC}[H`
const END_FRAME = `${ESC}[J${ESC}[?2026l`
const END_LINE = `${ESC}[K`
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A terminal of the process. Without a terminal as input there are no keys, and signals end the screen. */
export function terminalOn(input: ReadStream | undefined, output: WriteStream, colors: boolean): Terminal {
  let undo: (() => void) | undefined
  return {
    size: () => ({ columns: output.columns || 80, rows: output.rows || 24 }),
    enter(handlers) {
      undo ??= takeOver(input, output, handlers)
    },
    draw: lines => void output.write(frame(lines, colors)),
    leave() {
      undo?.()
      undo = undefined
    },
  }
}

/** One frame: cursor home, each line cleared behind its text, the rest of the screen cleared. Nothing blinks. */
export function frame(lines: readonly Line[], colors: boolean): string {
  const painted = lines.map(line => (colors ? paint(line) : textOf(line)))
  return `${BEGIN_FRAME}${painted.map(line => line + END_LINE).join('\r\n')}${END_FRAME}`
}

/** What a mark looks like, and how that is undone. */
const LOOKS: Readonly<Record<Mark, readonly [on: string, off: string]>> = {
  title: ['1', '22'],
  stale: ['1;33', '22;39'],
  tabs: ['36', '39'],
  head: ['4', '24'],
  selected: ['7', '27'],
  alert: ['31', '39'],
}

function paint(line: Line): string {
  if (typeof line === 'string') return line
  const [on, off] = LOOKS[line.mark]
  return `${ESC}[${on}m${line.text}${ESC}[${off}m`
}

function takeOver(
  input: ReadStream | undefined,
  output: WriteStream,
  handlers: TerminalHandlers,
): () => void {
  // A character of several bytes may come in two reads.
  const decoder = new StringDecoder('utf8')
  const onData = (chunk: Buffer): void => handlers.keys(decoder.write(chunk))
  const give = once(() => {
    output.off('resize', handlers.resized)
    for (const signal of SIGNALS) process.off(signal, handlers.end)
    // A bug elsewhere must not leave its message on the alternate screen or the terminal in raw mode.
    process.off('exit', give).off('uncaughtExceptionMonitor', give)
    input?.off('data', onData).setRawMode(false).pause()
    output.write(LEAVE)
  })
  output.on('resize', handlers.resized)
  for (const signal of SIGNALS) process.on(signal, handlers.end)
  process.on('exit', give).on('uncaughtExceptionMonitor', give)
  output.write(ENTER)
  input?.setRawMode(true).resume().on('data', onData)
  return give
}

function once(act: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    act()
  }
}
