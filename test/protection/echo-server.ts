// Command: a TCP server that sends back what it hears, on port 80 of all addresses; says `ready` when it listens.

import { createServer } from 'node:net'

createServer(socket => {
  socket.on('error', () => {})
  socket.pipe(socket)
}).listen(80, '::', () => process.stdout.write('ready\n'))
