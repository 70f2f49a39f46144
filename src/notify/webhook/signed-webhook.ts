// Any web server, told a notice: JSON with a version, signed as Standard Webhooks 1.0.0 says (standardwebhooks.com).
//
// The signature covers id, time and body, so that neither what was sent nor when can be changed, and what is old can be
// refused.

import { createHmac } from 'node:crypto'
import type { SafeRequest } from '#lib/safe-fetch.ts'
import type { Notice } from '../notice/notice.ts'
import type { NoticeWords } from '../notice/words.ts'
import { jsonPost } from './alert.ts'

export interface SignedTarget {
  readonly url: string
  readonly secret?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** What a webhook gets. Fields are added and never change their meaning within a version. */
export const noticeBody = (notice: Notice, words: NoticeWords, link: string | undefined) => {
  const { at, openedAt, listed, open, ...rest } = notice
  return {
    version: 1,
    ...{ source: 'floodwarden', ...words },
    ...{ ...rest, openAttacks: open, targets: listed },
    ...(link === undefined ? {} : { link }),
    at: new Date(at).toISOString(),
    openedAt: new Date(openedAt).toISOString(),
  }
}

/** `nowMs` is the time of this try: a receiver refuses what is minutes old, and a later try is signed anew. */
export function signedRequest(body: unknown, id: string, to: SignedTarget, nowMs: number): SafeRequest {
  const text = JSON.stringify(body)
  const timestamp = String(Math.floor(nowMs / 1000))
  // Names in small letters, so that ours stand once.
  const given = Object.entries(to.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const)
  const signature = to.secret
    ? { 'webhook-signature': `v1,${signatureOf(to.secret, id, timestamp, text)}` }
    : {}
  return jsonPost(to.url, body, {
    ...Object.fromEntries(given),
    ...{ 'webhook-id': id, 'webhook-timestamp': timestamp, ...signature },
  })
}

/** Base64 of HMAC-SHA256 over `id.timestamp.body`. A secret that begins with whsec_ is base64, any other is its own bytes. */
export function signatureOf(secret: string, id: string, timestamp: string, body: string): string {
  const key = secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret)
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
}
