// Command: `echo-client.ts ADDRESS` keeps one TCP connection to port 80 and, for each line on standard input, sends a word
// over it and prints `echoed`, or `lost` when nothing came back in two seconds. With a number of connections as second
// argument it opens so many, one after the other, and prints how many got their word back; with `together` as third, all at
// the same time.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

const WAIT_MS = 2000
const [address = '', count, together] = process.argv.slice(2)

if (count === undefined) {
  const socket = await opened()
  process.stdout.write('open\n')
  for await (const _ of createInterface({ input: process.stdin }))
    process.stdout.write((await isEchoed(socket)) ? 'echoed\n' : 'lost\n')
  socket.destroy()
} else if (together === 'together') {
  const sockets = await Promise.all(Array.from({ length: Number(count) }, opened))
  const echoes = await Promise.all(sockets.map(isEchoed))
  process.stdout.write(`${echoes.filter(Boolean).length}\n`)
  for (const socket of sockets) socket.destroy()
} else {
  let echoed = 0
  for (let at = 0; at < Number(count); at++) {
    const socket = await opened()
    if (await isEchoed(socket)) echoed++
    socket.destroy()
  }
  process.stdout.write(`${echoed}\n`)
}

async function opened(): Promise<Socket> {
  const socket = connect(80, address).setTimeout(WAIT_MS)
  socket.on('error', () => {})
  await Promise.race([once(socket, 'connect'), once(socket, 'timeout'), once(socket, 'close')])
  // It may wait for others that are still to be opened.
  return socket.setTimeout(0)
}

async function isEchoed(socket: Socket): Promise<boolean> {
  if (socket.readyState !== 'open') return false
  socket.setTimeout(WAIT_MS)
  socket.write('word\n')
  const heard = await Promise.race([
    once(socket, 'data').then(([bytes]) => String(bytes)),
    once(socket, 'timeout').then(() => ''),
    once(socket, 'close').then(() => ''),
  ])
  return heard === 'word\n'
}
