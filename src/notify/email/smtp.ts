// Hands one mail to the server by SMTP (RFC 5321), through nodemailer.

import { readFile } from 'node:fs/promises'
import type { Transporter } from 'nodemailer'
import { errorText } from '#lib/log/facts.ts'
import type { Mail } from './compose.ts'
import type { EmailConfig } from './config.ts'

export type Delivery =
  | { readonly kind: 'taken'; readonly refused: readonly string[] }
  /** Try again. `ofServer`: the trouble is not with this mail, so others need not be tried now either. */
  | { readonly kind: 'later'; readonly error: string; readonly ofServer: boolean }
  /** The server will never take this mail. */
  | { readonly kind: 'refused'; readonly error: string }

const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 } as const

/** One connection for one mail: they are few, and a server that forgets us does no harm. Never rejects. */
export async function deliver(mail: Mail, config: EmailConfig): Promise<Delivery> {
  let transport: Transporter | undefined
  try {
    transport = await transportOf(config)
    const { rejected } = await transport.sendMail(messageOf(mail, config))
    return { kind: 'taken', refused: (rejected ?? []).map(String) }
  } catch (error) {
    return failureOf(error)
  } finally {
    transport?.close()
  }
}

async function transportOf({ server, tls, caFile, user, passwordFile }: EmailConfig): Promise<Transporter> {
  const at = server.lastIndexOf(':')
  const host = server.slice(0, at).replace(/^\[(.*)\]$/, '$1')
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') }
  const pass = passwordFile === undefined ? '' : (await readFile(passwordFile, 'utf8')).trim()
  // Loaded with the first mail: most daemons send none, and it is as large as all of ours.
  const { createTransport } = await import('nodemailer')
  return createTransport({
    host,
    port: Number(server.slice(at + 1)),
    secure: tls === 'tls',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'off',
    tls: ca,
    ...(user === undefined ? {} : { auth: { user, pass } }),
    ...TIMEOUTS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

function messageOf({ id, about, at, subject, text, html }: Mail, { from, to }: EmailConfig) {
  const domain = from.slice(from.indexOf('@') + 1)
  return {
    messageId: `<${id}@${domain}>`,
    ...(about === undefined ? {} : { inReplyTo: `<${about}@${domain}>`, references: `<${about}@${domain}>` }),
    date: new Date(at),
    from: { name: 'Floodwarden', address: from },
    to,
    subject,
    text,
    ...(html === undefined ? {} : { html }),
    headers: { 'Auto-Submitted': 'auto-generated' },
  }
}

/** A refusal for ever has a code of 500 and above, said about this mail; a login that fails is for the operator to mend. */
function failureOf(error: unknown): Delivery {
  const told = errorText(error)
  const { code, responseCode } = Object(error) as { code?: unknown; responseCode?: unknown }
  const isOfMail = code === 'EENVELOPE' || code === 'EMESSAGE'
  if (isOfMail && typeof responseCode === 'number' && responseCode >= 500)
    return { kind: 'refused', error: told }
  return { kind: 'later', error: told, ofServer: !isOfMail }
}
