// One HTTP request to a daemon whose answer becomes a file.

import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { doorName, openRequest } from './door.ts'
import { type DoorReply, type DoorRequest, failureOf } from './door-request.ts'

export interface DoorDownload extends DoorRequest {
  /** Must not exist. */
  readonly file: string
  readonly mode: number
  /** Only an answer of this type becomes the file; another one is given back as text. */
  readonly type: string
}

export type DownloadReply = DoorReply | { readonly kind: 'saved'; readonly bytes: number }

const TEXT_MAX = 65_536

/** Rejects only with what writing the file throws; the file is then of no use. */
export function downloadAt(options: DoorDownload): Promise<DownloadReply> {
  const { door, method, path, timeoutMs } = options
  const signal = AbortSignal.timeout(timeoutMs)
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => resolve(failureOf(error, doorName(door), timeoutMs))
    const outgoing = openRequest(door, { method, path, signal }, incoming => {
      const contentType = (incoming.headers['content-type'] ?? '').split(';')[0] ?? ''
      if (contentType === options.type) {
        const file = createWriteStream(options.file, { flags: 'wx', mode: options.mode, flush: true })
        pipeline(incoming, file).then(() => resolve({ kind: 'saved', bytes: file.bytesWritten }), reject)
        return
      }
      let text = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (chunk: string) => {
        if (text.length < TEXT_MAX) text += chunk
      })
      incoming.on('error', fail)
      incoming.on('end', () =>
        resolve({ kind: 'answered', status: incoming.statusCode ?? 0, contentType, text }),
      )
    })
    outgoing.on('error', fail)
    outgoing.end()
  })
}
