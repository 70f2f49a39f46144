// Settings of mails about attacks.

import { z } from 'zod'

const SERVER = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]{1,253}):([1-9]\d{0,4})$/
const ADDRESS = /^[^\s@<>,;:"()[\]\\]+@[A-Za-z0-9.-]+$/

export const mailAddress = z
  .string()
  .regex(ADDRESS, { error: 'expected a mail address such as noc@example.net' })
  .meta({ title: 'a mail address' })
const path = z
  .string()
  .startsWith('/', { error: 'expected an absolute path' })
  .meta({ title: 'an absolute path' })

export const emailSchema = z
  .strictObject({
    server: z
      .string()
      .refine(text => text === 'off' || Number(SERVER.exec(text)?.[1]) <= 65_535, {
        error: 'expected host:port, such as mail.example.net:587, or off',
      })
      .default('off')
      .describe('The mail server as host:port. off: no mails are sent.'),
    tls: z
      .enum(['starttls', 'tls', 'off'])
      .default('starttls')
      .describe(
        'starttls: the connection is encrypted before anything is said, or nothing is. tls: encrypted from the first byte. off: open text, for a server on this machine.',
      ),
    caFile: path
      .optional()
      .describe('Certificates (PEM) that the server is checked against, instead of those of the system.')
      .meta({ examples: ['/etc/floodwarden/mail-ca.pem'] }),
    user: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe('Logs in as this user.')
      .meta({ examples: ['floodwarden'] }),
    passwordFile: path
      .optional()
      .describe('File with the password of the user, which stands nowhere else. Read for each connection.')
      .meta({ examples: ['/etc/floodwarden/mail-password'] }),
    from: mailAddress.default('floodwarden@localhost').describe('The sender.'),
    to: z
      .array(mailAddress)
      .max(100)
      .default([])
      .describe(
        'Who gets the classic mails, as FastNetMon sends them. Destinations of type email need nobody here.',
      ),
    ended: z.boolean().default(false).describe('Whether a mail says that an attack is over.'),
    perMinute: z
      .int()
      .min(1)
      .max(1000)
      .default(10)
      .describe('Mails in a minute. What happens beyond them is told in one summary each minute.'),
    waitingMax: z
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe('Mails that may wait for a server that does not answer; beyond them the oldest are dropped.'),
    waitingHours: z.number().min(0.1).max(720).default(72).describe('Mails that wait longer are dropped.'),
  })
  .describe(
    'The mail server, and the classic mails: at the beginning of an attack and when its packets are there.',
  )

export type EmailConfig = z.infer<typeof emailSchema>
