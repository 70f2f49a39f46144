// Settings of the log.

import { z } from 'zod'
import { parseListenAddress } from '#lib/listen-address.ts'

export const SYSLOG_FACILITIES = [
  'user',
  'daemon',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const

const syslogSchema = z
  .strictObject({
    local: z
      .boolean()
      .default(false)
      .describe('Whether lines also go to the syslog of this machine (/dev/log).'),
    remote: z
      .string()
      .refine(text => text === 'off' || parseListenAddress(text) !== undefined, {
        error: 'expected address:port, such as 192.0.2.5:514 or [2001:db8::5]:514, or off',
      })
      .default('off')
      .describe('Where lines also go by UDP: address:port, or off.'),
    remoteForm: z
      .enum(['rfc3164', 'rfc5424'])
      .default('rfc5424')
      .describe('How a line sent by UDP is put: as RFC 3164 or RFC 5424 has it.'),
    ident: z
      .string()
      .regex(/^[!-9;-Z^-~]{1,32}$/, { error: 'expected up to 32 letters without spaces, : or brackets' })
      .default('floodwarden')
      .describe('The name of the program in the syslog.'),
    facility: z.enum(SYSLOG_FACILITIES).default('user').describe('The facility of the lines in the syslog.'),
  })
  .describe('The syslog, beside the log itself. Lines that cannot be sent at once are dropped and counted.')

export const logSchema = z
  .strictObject({
    level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('The least important messages that are written.'),
    format: z
      .enum(['auto', 'text', 'json', 'fastnetmon'])
      .default('auto')
      .describe(
        'text: lines for people. json: one object per line. fastnetmon: the lines of FastNetMon, for programs that read them. auto: text on a terminal, otherwise json.',
      ),
    file: z
      .string()
      .startsWith('/', { error: 'expected an absolute path' })
      .meta({ title: 'an absolute path', examples: ['/var/log/floodwarden/floodwarden.log'] })
      .optional()
      .describe(
        'The log is appended to this file instead of standard output, and reopened on SIGHUP and by floodwarden reload.',
      ),
    syslog: syslogSchema.prefault({}),
  })
  .describe('What the log says.')

export type LogConfig = z.infer<typeof logSchema>
export type SyslogConfig = z.infer<typeof syslogSchema>
