// Settings of the notify script.

import { z } from 'zod'

export const notifyScriptSchema = z
  .strictObject({
    path: z
      .string()
      .startsWith('/', { error: 'expected an absolute path' })
      .meta({ title: 'an absolute path' })
      .optional()
      .describe(
        'Program that is called as PATH IP DIRECTION PPS ban|attack_details|unban, with a report on stdin.',
      )
      .meta({ examples: ['/usr/local/bin/notify_about_attack.sh'] }),
    prefixes: z
      .boolean()
      .default(false)
      .describe(
        'Call the program for attacks on prefixes, networks and hostgroups too, with the first prefix (10.10.16.0/20) where the address stands. Without it they are reported only.',
      ),
    timeoutSeconds: z
      .number()
      .min(1)
      .max(3600)
      .default(60)
      .describe('A call that runs longer is ended, then killed.'),
    parallel: z
      .int()
      .min(1)
      .max(256)
      .default(8)
      .describe('Calls that run at the same time; those of one host keep their order.'),
    queueMax: z
      .int()
      .min(1)
      .max(100_000)
      .default(2000)
      .describe(
        'Calls that may wait. At the bound attack_details are dropped first, then the newest ban; each is logged and counted.',
      ),
    passDetails: z
      .enum(['with-packets', 'always', 'never'])
      .default('with-packets')
      .describe(
        'attack_details is called when packets were collected, always (counters only if there are none), or never.',
      ),
    report: z
      .enum(['classic', 'head', 'json'])
      .default('classic')
      .describe(
        'What the program reads. classic: as FastNetMon 1.2.4 writes it. head: as its newest source does, one ban call when the packets are there and no attack_details. json: the report as one JSON object, also for unban.',
      ),
    addressForm: z
      .enum(['canonical', 'padded'])
      .default('canonical')
      .describe(
        'IPv6 in argv: RFC 5952, or with zeros as FastNetMon writes it (2001:0db8:0099::0001). In plain mode the default is padded.',
      ),
  })
  .describe('The program of the operator that is called for each ban.')

export type NotifyScriptConfig = z.infer<typeof notifyScriptSchema>
