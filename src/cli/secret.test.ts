import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { readSecret } from './secret.ts'

function terminal() {
  const modes: boolean[] = []
  const stream = new PassThrough()
  const input = Object.assign(stream, { isTTY: true, setRawMode: (on: boolean) => modes.push(on) && stream })
  return { input: input as never as Parameters<typeof readSecret>[1], stream, modes }
}

test('what is typed is taken until the line ends, with corrections, and never shown', async () => {
  const { input, stream, modes } = terminal()
  let shown = ''
  const asked = readSecret('password: ', input, text => {
    shown += text
  })

  stream.write('secreX\u007ft')
  stream.write(' ä\r')

  assert.deepEqual(await asked, { text: 'secret ä', isTyped: true })
  assert.deepEqual([shown, modes], ['password: \n', [true, false]])
})

test('whoever gives up has typed nothing', async () => {
  const { input, stream } = terminal()
  const asked = readSecret('password: ', input, () => {})

  stream.write('abc\u0003')

  assert.equal(await asked, undefined)
})

test('from a pipe the first line is taken, without its end', async () => {
  const piped = async (text: string) => {
    const input = new PassThrough()
    input.end(text)
    return readSecret('password: ', input, () => assert.fail('nobody is asked'))
  }

  assert.deepEqual(await piped('from a file\nmore\n'), { text: 'from a file', isTyped: false })
  assert.deepEqual(await piped(' kept as it is '), { text: ' kept as it is ', isTyped: false })
  assert.equal(await piped(''), undefined)
  assert.equal(await piped('x'.repeat(5000)), undefined)
})
