// Serves the console beside the API: its files, and its one page at every path that a browser asks for and nothing else has.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AccessRule } from '../contract/access.ts'
import { isKnownByIfNoneMatch } from '../etag.ts'
import { addVary } from '../headers.ts'
import { absentPage } from './absent-page.ts'
import { acceptedEncodings } from './accepted-encodings.ts'
import type { ConsoleFiles } from './console-files.ts'

export interface Console {
  readonly files: ConsoleFiles
  /** Why there is none, in words for whoever asks for it. */
  absence(): string
}

const PATHS = ['/', '/assets/*', '/favicon.svg'] as const

/** The page has to be there before anybody can log in; it holds nothing but the program. */
export const CONSOLE_RULES: readonly AccessRule[] = PATHS.map(path => ({
  ...{ method: 'GET', path, role: 'public', reach: 'everything' },
}))

/** Only what comes from here runs, is shown, is asked, and nobody may put it into a frame. */
const POLICY = [
  "default-src 'none'",
  ...[
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
  ],
  ...["base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"],
].join('; ')

const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), usb=()',
}

/** Its name holds a digest of what is in it. */
const FOREVER = 'public, max-age=31536000, immutable'
const ASK_FIRST = 'no-cache'

/** What is below these is the API's, or that of a dialect: a page is never the answer. */
const NO_PAGES = /^\/(?:api|v1|metrics|assets|health)(?:\/|$)/

export function addConsole(server: FastifyInstance, console: Console): void {
  server.get('/', (request, reply) => sendPage(request, reply, console))
  server.get('/favicon.svg', (request, reply) => sendFile(request, reply, console, 'favicon.svg', ASK_FIRST))
  server.get<{ Params: { '*': string } }>('/assets/*', (request, reply) =>
    sendFile(request, reply, console, `assets/${request.params['*']}`, FOREVER),
  )
}

/** Of a path that nothing is at: the page of the console, when a browser asks; false: it is none of its paths. */
export function isPageOf({ method, url, headers }: FastifyRequest): boolean {
  const isReading = method === 'GET' || method === 'HEAD'
  return isReading && (headers.accept ?? '').includes('text/html') && !NO_PAGES.test(url.split('?')[0] ?? '')
}

export async function sendPage(request: FastifyRequest, reply: FastifyReply, console: Console) {
  if (await isSent(request, reply, console, 'index.html', ASK_FIRST)) return reply
  return reply
    .code(503)
    .headers({ ...HEADERS, 'retry-after': '5' })
    .type('text/html; charset=utf-8')
    .send(absentPage(console.absence()))
}

async function sendFile(...asked: Parameters<typeof isSent>) {
  const [, reply] = asked
  return (await isSent(...asked)) ? reply : reply.callNotFound()
}

/** Sends a file; false: there is none, and nothing was said yet. */
async function isSent(
  request: FastifyRequest,
  reply: FastifyReply,
  { files }: Console,
  name: string,
  caching: string,
): Promise<boolean> {
  const file = files.find(name, acceptedEncodings(request.headers['accept-encoding']))
  if (file === undefined) return false
  const isKnown = isKnownByIfNoneMatch(request.headers['if-none-match'], file.tag)
  const bytes = isKnown ? undefined : await file.read()
  if (!isKnown && bytes === undefined) return false
  // Not before it is there: a refusal must not be kept for ever.
  addVary(reply, 'Accept-Encoding').headers({ ...HEADERS, 'cache-control': caching, etag: file.tag })
  if (isKnown) {
    void reply.code(304).send()
    return true
  }
  if (file.encoding !== 'identity') reply.header('content-encoding', file.encoding)
  void reply.type(file.type).send(bytes)
  return true
}
