// `rule post`: a rule of DDPS's fourteen keys, to a DDPS API.

import type { Command } from 'commander'
import { addVerb, type Context, type DebugFlag, EXIT } from '../context.ts'
import { wholeNumber } from '../parse.ts'

interface PostFlags extends DebugFlag {
  readonly ddpsUrl?: string
  readonly credentials?: string
  readonly caFile?: string
  readonly timeout: number
}

const EXAMPLES = [
  'rule post --ddps-url https://ddps.example.org --credentials /etc/floodwarden/ddps.credentials rule.json',
  'rule post --ddps-url http://127.0.0.1:9990 --credentials ddps.credentials - < rule.json',
]

export function addRulePost(rule: Command, context: Context): void {
  const summary = 'send a rule file of DDPS, such as distill --format ddps prints, to a DDPS API'
  addVerb(rule, 'post', summary, EXAMPLES)
    .argument('<file>', 'JSON of one rule or of a list of them; -: standard input')
    .option('--ddps-url <url>', 'address of the API (default: FLOODWARDEN_DDPS_API)')
    .option(
      '--credentials <file>',
      'lines username=... and password=..., in a file that its owner alone may read (default: FLOODWARDEN_DDPS_CREDENTIALS_FILE)',
    )
    .option('--ca-file <file>', 'believe certificates of this authority, PEM (default: FLOODWARDEN_CA_FILE)')
    .option('--timeout <seconds>', 'for each answer', wholeNumber(1, 300), 10)
    .action(async (file: string, flags: PostFlags) => {
      const { environment } = context.io
      const url = flags.ddpsUrl ?? named(environment['FLOODWARDEN_DDPS_API'])
      const credentialsFile = flags.credentials ?? named(environment['FLOODWARDEN_DDPS_CREDENTIALS_FILE'])
      if (url === undefined || credentialsFile === undefined) {
        context.io.err(
          'error: where to: give --ddps-url and --credentials, or FLOODWARDEN_DDPS_API and FLOODWARDEN_DDPS_CREDENTIALS_FILE\n',
        )
        context.exitCode = EXIT.usage
        return
      }
      context.exitCode = await context.verbs.rulePost(
        {
          ...{ file, url, credentialsFile, timeoutSeconds: flags.timeout, debug: flags.debug ?? false },
          caFile: flags.caFile ?? named(environment['FLOODWARDEN_CA_FILE']),
        },
        context.io,
      )
    })
}

const named = (value: string | undefined): string | undefined => (value === '' ? undefined : value)
