// Serves the console from its sources while somebody works on it; the API is that of a daemon: FLOODWARDEN_URL, or the
// usual address on this machine.

import { createServer } from 'vite'
import { developOptions } from './vite-options.ts'

const server = await createServer(
  developOptions(import.meta.dirname, process.env['FLOODWARDEN_URL'] ?? 'http://127.0.0.1:8080'),
)
await server.listen()
server.printUrls()
