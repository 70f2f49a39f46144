// A real mail server for tests: says what it took, and refuses or vanishes as it is told.

import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface TestServer {
  readonly port: number
  /** Whole messages, headers first. */
  readonly taken: string[]
}

export async function mailServer(t: TestContext, options: SMTPServerOptions, port = 0): Promise<TestServer> {
  const taken: string[] = []
  const server = new SMTPServer({
    logger: false,
    disableReverseLookup: true,
    closeTimeout: 10,
    onData(stream, _session, hear) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        taken.push(Buffer.concat(parts).toString())
        hear()
      })
    },
    ...options,
  })
  server.on('error', () => {})
  const inner = server.listen(port, '127.0.0.1')
  await once(inner, 'listening')
  t.after(() => new Promise<void>(resolve => server.close(resolve)))
  const address = inner.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0, taken }
}

export const headerOf = (message: string, name: string): string | undefined =>
  new RegExp(`^${name}: (.*(?:\r\n[ \t].*)*)`, 'm').exec(message)?.[1]?.replaceAll(/\r\n\s/g, ' ')

/** A message without the line ends that quoted-printable put into its text (RFC 2045, section 6.7). */
export const unfolded = (message: string): string => message.replaceAll('=\r\n', '')
