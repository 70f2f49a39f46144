// A secret that is typed without being shown, or comes in by a pipe; never as an argument, which everybody can list.

import type { ReadStream } from 'node:tty'

export interface Secret {
  readonly text: string
  /** Whether somebody typed it blindly. */
  readonly isTyped: boolean
}

type Input = NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>>

const BYTES_MAX = 4096
const KEY = { interrupt: '\u0003', endOfInput: '\u0004', backspace: '\b', erase: '\u007f' } as const

/** `undefined`: whoever was asked gave up, or the pipe was empty or far too long. The question goes to `say`. */
export async function readSecret(
  question: string,
  input: Input,
  say: (text: string) => void,
): Promise<Secret | undefined> {
  if (!input.isTTY || input.setRawMode === undefined) {
    const text = await pipedLine(input)
    return text === undefined ? undefined : { text, isTyped: false }
  }
  say(question)
  input.setRawMode(true)
  try {
    const text = await typedLine(input)
    return text === undefined ? undefined : { text, isTyped: true }
  } finally {
    input.setRawMode(false)
    input.pause()
    say('\n')
  }
}

/** The first line. */
async function pipedLine(input: Input): Promise<string | undefined> {
  input.setEncoding('utf8')
  let text = ''
  for await (const chunk of input) {
    text += String(chunk)
    if (text.length > BYTES_MAX) return undefined
  }
  const line = text.split(/\r?\n/, 1)[0]
  return line === '' ? undefined : line
}

function typedLine(input: Input): Promise<string | undefined> {
  input.setEncoding('utf8')
  return new Promise(resolve => {
    let text = ''
    const end = (value: string | undefined): void => {
      input.off('data', take)
      input.off('end', gone)
      resolve(value)
    }
    const gone = (): void => end(undefined)
    const take = (chunk: string | Buffer): void => {
      for (const key of String(chunk)) {
        const isGivenUp = key === KEY.interrupt || key === KEY.endOfInput
        if (isGivenUp || key === '\r' || key === '\n') {
          end(isGivenUp ? undefined : text)
          return
        }
        if (key === KEY.erase || key === KEY.backspace) text = [...text].slice(0, -1).join('')
        else if (text.length < BYTES_MAX) text += key
      }
    }
    input.on('data', take)
    input.on('end', gone)
    input.resume()
  })
}
