// What a destination would be told, as it would be sent, without secrets and without sending it.

import { hostname } from 'node:os'
import { alertOf } from '#notify/alertmanager/alerts.ts'
import type { NotifyConfig } from '#notify/config.ts'
import { plainRequest } from '#notify/delivery/carry-notice.ts'
import { noticeMail } from '#notify/email/notice-mail.ts'
import type { Notice } from '#notify/notice/notice.ts'
import { BYTES_MAX, syslogNotice } from '#notify/syslog/syslog-message.ts'
import type { SecretRead } from '../config/read-secret.ts'
import { serviceOf } from './notice-services.ts'
import { NoticeSpeaker, type TemplateTexts } from './notice-speaker.ts'

export interface NoticePreview {
  readonly title: string
  readonly text: string
  readonly form: 'words' | 'json' | 'mail' | 'syslog'
  readonly body: string
}

/** In the place of each secret: nothing is read for a preview. */
const HIDDEN = '***'
const NO_SECRETS = { read: (): SecretRead => ({ kind: 'ok', secret: HIDDEN }) }

/** `name`: a destination of the configuration; without it the words alone. */
export function previewOf(
  notice: Notice,
  config: NotifyConfig,
  name: string | undefined,
  instead: TemplateTexts,
): NoticePreview {
  const speaker = new NoticeSpeaker(config)
  const settings = name === undefined ? undefined : config.destinations[name]
  const template = { ...(settings === undefined ? {} : speaker.templateOf(settings)), ...instead }
  const spoken = speaker.spoken(notice, template)
  const words = { title: spoken.title, text: spoken.text }
  if (settings === undefined) return { ...words, form: 'words', body: '' }
  const read = serviceOf(settings, NO_SECRETS)
  if (read.kind === 'failed') return { ...words, form: 'words', body: '' }
  const json = (value: unknown) => ({ ...words, form: 'json' as const, body: JSON.stringify(value, null, 2) })
  switch (read.service.type) {
    case 'alertmanager':
      return json([alertOf(notice, words, spoken.link, notice.at + 240_000)])
    case 'email': {
      const { subject, text } = noticeMail(notice, spoken, undefined)
      return { ...words, form: 'mail', body: `Subject: ${subject}\n\n${text}` }
    }
    case 'syslog': {
      const { facility = 'daemon', enterprise = 32_473, transport = 'udp' } = settings
      const from = { facility, enterprise, hostname: hostname(), processId: process.pid }
      const bytesMax = transport === 'udp' ? BYTES_MAX.udp : BYTES_MAX.stream
      return { ...words, form: 'syslog', body: syslogNotice(notice, spoken, from, bytesMax).toString() }
    }
    default: {
      const { body = '' } = plainRequest(
        { notice, spoken, thread: undefined, nowMs: notice.at },
        read.service,
      )
      return json(JSON.parse(body))
    }
  }
}
