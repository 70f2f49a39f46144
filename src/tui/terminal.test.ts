import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import type { ReadStream, WriteStream } from 'node:tty'
import { marked } from './lines.ts'
import { frame, terminalOn } from './terminal.ts'

/** A terminal that remembers what was done to it. */
function fakeTerminal() {
  const done: string[] = []
  const input = Object.assign(new EventEmitter(), {
    setRawMode(raw: boolean) {
      done.push(`raw ${raw}`)
      return input
    },
    resume: () => input,
    pause: () => input,
  })
  const output = Object.assign(new EventEmitter(), {
    columns: 100,
    rows: 30,
    write: (text: string) => done.push(text),
  })
  const terminal = terminalOn(input as unknown as ReadStream, output as unknown as WriteStream, false)
  return { terminal, input, output, done }
}

const listeners = () => ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit'].map(name => process.listenerCount(name))

test('the terminal is taken over, hears keys, sizes and signals, and is given back once', () => {
  const { terminal, input, output, done } = fakeTerminal()
  const heard: string[] = []
  const before = listeners()

  terminal.enter({
    keys: keys => void heard.push(keys),
    resized: () => void heard.push('resized'),
    end: () => void heard.push('end'),
  })
  input.emit('data', Buffer.from('q'))
  output.emit('resize')
  process.emit('SIGHUP')
  terminal.leave()
  terminal.leave()
  input.emit('data', Buffer.from('x'))

  assert.deepEqual(heard, ['q', 'resized', 'end'])
  assert.deepEqual(done, [
    '\u001b[?1049h\u001b[?25l\u001b[?7l',
    'raw true',
    'raw false',
    '\u001b[?7h\u001b[?25h\u001b[?1049l',
  ])
  assert.deepEqual(listeners(), before)
  assert.deepEqual(terminal.size(), { columns: 100, rows: 30 })
})

test('a frame overwrites what stood there and never clears the screen first', () => {
  const text = frame(['title', 'host  *banned*'], false)

  assert.equal(text, '\u001b[?2026h\u001b[Htitle\u001b[K\r\nhost  *banned*\u001b[K\u001b[J\u001b[?2026l')
  assert.doesNotMatch(text, /\[2J/)
})

test('marks are painted with colours, and without them the same text is there', () => {
  const lines = [marked('title', 'title'), marked('selected', '> host'), 'other'] as const

  const painted = frame(lines, true)
  const plain = frame(lines, false)

  assert.match(painted, /\[1mtitle/)
  assert.match(painted, /\[7m> host.\[27m/)
  assert.doesNotMatch(plain, /\[[0-9;]*m/)
  assert.match(plain, /title.*> host.*other/s)
})

test('a character that comes in two reads is one', () => {
  const { terminal, input } = fakeTerminal()
  const heard: string[] = []
  terminal.enter({ keys: keys => void heard.push(keys), resized: () => {}, end: () => {} })

  for (const byte of Buffer.from('é')) input.emit('data', Buffer.from([byte]))
  terminal.leave()

  assert.equal(heard.join(''), 'é')
})
