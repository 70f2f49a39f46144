// Destinations of the configuration with the secrets it only says the place of.

import type { NoticeService } from '#notify/delivery/notice-target.ts'
import type { NoticeDestinationConfig } from '#notify/destinations-config.ts'
import type { SecretReference } from '#notify/webhook/destination-fields.ts'
import type { SecretReader } from '../config/read-secret.ts'

/** Those that are told by HTTP, and where Alertmanager is. Mail and syslog have no secrets here. */
export type ReadService =
  | NoticeService
  | {
      readonly type: 'alertmanager'
      readonly url: string
      readonly headers: Readonly<Record<string, string>>
    }
  | { readonly type: 'email' | 'syslog' }

export type ServiceRead =
  | { readonly kind: 'ok'; readonly service: ReadService }
  | { readonly kind: 'failed'; readonly faults: readonly { readonly field: string; readonly text: string }[] }

/** Reads each secret now. No fault holds one. */
export function serviceOf(config: NoticeDestinationConfig, reader: Pick<SecretReader, 'read'>): ServiceRead {
  const faults: { field: string; text: string }[] = []
  const read = (field: string, reference: SecretReference | undefined): string => {
    if (reference === undefined) return ''
    const done = reader.read(reference)
    if (done.kind === 'ok') return done.secret
    faults.push({ field, text: done.error })
    return ''
  }
  const service = made(config, read)
  return faults.length > 0 ? { kind: 'failed', faults } : { kind: 'ok', service }
}

type Read = (field: string, reference: SecretReference | undefined) => string

function made(config: NoticeDestinationConfig, read: Read): ReadService {
  const { type, channel, chatId = '', apiUrl, region = 'us' } = config
  const url = read('url', config.url)
  const botToken = read('botToken', config.botToken)
  switch (type) {
    case 'slack':
      return config.botToken === undefined
        ? { type, url, channel }
        : { type: 'slack-bot', botToken, channel: channel ?? '', url: apiUrl }
    case 'discord':
    case 'teams':
      return { type, url }
    case 'telegram':
      return { type, botToken, chatId, url: apiUrl }
    case 'pagerduty':
      return { type, routingKey: read('routingKey', config.routingKey), url: apiUrl }
    case 'opsgenie':
      return { type, apiKey: read('apiKey', config.apiKey), region, url: apiUrl }
    case 'generic': {
      const secret = config.secret === undefined ? undefined : read('secret', config.secret)
      return { type, url, secret, headers: headersOf(config, read) }
    }
    case 'alertmanager':
      return { type, url, headers: headersOf(config, read) }
    case 'email':
    case 'syslog':
      return { type }
  }
}

const headersOf = ({ headers = {} }: NoticeDestinationConfig, read: Read): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, reference]) => [name, read(`headers.${name}`, reference)]),
  )
