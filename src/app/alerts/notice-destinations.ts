// Destinations of the configuration, ready to be told.

import { hostname } from 'node:os'
import { assert } from '#lib/assert.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { Fetched, SafeRequest } from '#lib/safe-fetch.ts'
import { parseServerAddress } from '#lib/server-address.ts'
import { AlertmanagerMirror } from '#notify/alertmanager/mirror.ts'
import type { NotifyConfig } from '#notify/config.ts'
import type { Carried, Destination, Message } from '#notify/delivery/carrier.ts'
import { carryNotice } from '#notify/delivery/carry-notice.ts'
import type { NoticeService } from '#notify/delivery/notice-target.ts'
import type { Outlet } from '#notify/delivery/outlet.ts'
import type { NoticeDestinationConfig } from '#notify/destinations-config.ts'
import { noticeMail } from '#notify/email/notice-mail.ts'
import { deliver } from '#notify/email/smtp.ts'
import type { Notice } from '#notify/notice/notice.ts'
import type { Spoken } from '#notify/notice/spoken.ts'
import { BYTES_MAX, syslogNotice } from '#notify/syslog/syslog-message.ts'
import { sendSyslog } from '#notify/syslog/syslog-transport.ts'
import { SecretReader } from '../config/read-secret.ts'
import { serviceOf } from './notice-services.ts'
import { NoticeSpeaker } from './notice-speaker.ts'

export interface NoticeDestinationOptions {
  readonly config: NotifyConfig
  readonly timeoutMs: number
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly fetch: (request: SafeRequest) => Promise<Fetched>
  readonly log: Logger
  readonly now: () => number
  /** Those there were: what an Alertmanager is told goes on. */
  readonly mirrors: ReadonlyMap<string, AlertmanagerMirror>
  readonly count: (fate: 'sent' | 'again' | 'refused') => void
}

export interface NoticeDestinations {
  readonly destinations: readonly (Destination | AlertmanagerMirror)[]
  /** A sentence for each that cannot be told. */
  readonly problems: readonly { readonly name: string; readonly text: string }[]
}

export function noticeDestinations(options: NoticeDestinationOptions): NoticeDestinations {
  const reader = new SecretReader(options.environment)
  const speaker = new NoticeSpeaker(options.config)
  const problems: { name: string; text: string }[] = []
  const destinations = Object.entries(options.config.destinations).map(([name, settings]) => {
    const read = serviceOf(settings, reader)
    if (read.kind === 'failed') {
      const faults = read.faults.map(({ field, text }) => `${field}: ${text}`).join('; ')
      problems.push({ name, text: `notify.destinations.${name} is told nothing: ${faults}` })
      return silenced(name, settings.type, faults)
    }
    const { service } = read
    switch (service.type) {
      case 'alertmanager':
        return mirrorOf(name, service, settings, speaker, options)
      case 'email':
        return spokenTo(name, settings, speaker, mailCarrier(settings, options))
      case 'syslog':
        return spokenTo(name, settings, speaker, syslogCarrier(settings, options))
      default:
        return spokenTo(name, settings, speaker, webCarrier(service, options))
    }
  })
  return { destinations, problems }
}

/** What it should be told waits until a reload finds its secret. */
const silenced = (name: string, type: string, faults: string): Destination => ({
  ...{ id: name, name, type },
  carry: async () => ({ kind: 'later', error: faults }),
})

type CarryNotice = (notice: Notice, spoken: Spoken, thread: string | undefined) => Promise<Carried>

function spokenTo(
  name: string,
  settings: NoticeDestinationConfig,
  speaker: NoticeSpeaker,
  carry: CarryNotice,
): Destination {
  return {
    ...{ id: name, name, type: settings.type },
    carry: async (message: Message, thread) =>
      message.form === 'notice'
        ? await carry(message.notice, speaker.spoken(message.notice, speaker.templateOf(settings)), thread)
        : { kind: 'refused', error: 'it is told notices alone' },
  }
}

const webCarrier =
  (service: NoticeService, { fetch, now }: NoticeDestinationOptions): CarryNotice =>
  (notice, spoken, thread) =>
    carryNotice({ notice, spoken, thread, nowMs: now() }, service, fetch)

const mailCarrier =
  ({ to = [] }: NoticeDestinationConfig, { config, log }: NoticeDestinationOptions): CarryNotice =>
  async (notice, spoken, thread) => {
    const { email } = config
    if (email.server === 'off') return { kind: 'later', error: 'notify.email.server is off' }
    const mail = noticeMail(notice, spoken, thread)
    const delivery = await deliver(mail, { ...email, to: [...to] })
    switch (delivery.kind) {
      case 'taken':
        if (delivery.refused.length > 0)
          log.warn('mail server refused recipients', { server: email.server, recipients: delivery.refused })
        return { kind: 'taken', thread: thread ?? mail.id }
      case 'later':
        return { kind: 'later', error: delivery.error }
      case 'refused':
        return { kind: 'refused', error: delivery.error }
    }
  }

function syslogCarrier(
  settings: NoticeDestinationConfig,
  { timeoutMs }: NoticeDestinationOptions,
): CarryNotice {
  const { facility = 'daemon', enterprise = 32_473, transport = 'udp', caFile } = settings
  const server = parseServerAddress(settings.server ?? '')
  assert(server !== undefined, 'the schema has seen to it')
  const from = { facility, enterprise, hostname: hostname(), processId: process.pid }
  const bytesMax = transport === 'udp' ? BYTES_MAX.udp : BYTES_MAX.stream
  return (notice, spoken) =>
    sendSyslog(syslogNotice(notice, spoken, from, bytesMax), { server, transport, caFile, timeoutMs })
}

function mirrorOf(
  name: string,
  target: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
  settings: NoticeDestinationConfig,
  speaker: NoticeSpeaker,
  { mirrors, fetch, log, now, count }: NoticeDestinationOptions,
): AlertmanagerMirror {
  const words = (notice: Notice) => speaker.words(notice, speaker.templateOf(settings))
  const link = (notice: Notice) => speaker.link(notice)
  const before = mirrors.get(name)
  if (before === undefined)
    return new AlertmanagerMirror(target, { ...{ id: name, name, fetch, words, link, log, now, count } })
  before.goOn(target, words, link)
  return before
}

export const isMirror = (outlet: Destination | Outlet): outlet is AlertmanagerMirror =>
  outlet instanceof AlertmanagerMirror
