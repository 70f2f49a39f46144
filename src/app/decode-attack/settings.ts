// Settings of decode-attack: from the environment, else from a file like /etc/default/floodwarden.

import { DDPS_DISTILLING, type DdpsDistilling } from '#compat/ddps/distill/settings.ts'
import { readAction } from '#compat/ddps/words.ts'
import type { Action } from '#lib/flowspec/rule.ts'
import { SettingsReader, variablesOf } from './settings-reader.ts'

export interface DecodeSettings {
  /** Where rules go. */
  readonly to: DdpsTarget | NativeTarget
  readonly mode: 'floodwarden' | 'ddps'
  readonly ddps: DdpsDistilling
  readonly rulesMax: number
  /** What sizes in reports count; undefined: as the mode has it. */
  readonly lengths: 'ip' | 'frame' | undefined
  /** `auto`: of an attack that is called a flood packets are waited for, which come with `attack_details`. */
  readonly flows: 'auto' | 'always'
  /** None: the rule only watches. */
  readonly action: Action | undefined
  readonly minutes: number
  readonly description: string | undefined
  readonly unban: 'ignore' | 'withdraw'
  readonly folder: string
  readonly log: string
  readonly spoolSeconds: number
  readonly totalSeconds: number
  readonly inputSeconds: number
  readonly requestSeconds: number
  readonly retries: number
}

export interface DdpsTarget {
  readonly kind: 'ddps'
  readonly url: string
  readonly credentialsFile: string
  readonly caFile: string | undefined
}

export interface NativeTarget {
  readonly kind: 'native'
  /** Undefined: the daemon of this machine, by its control socket. */
  readonly url: string | undefined
  readonly tokenFile: string | undefined
  readonly caFile: string | undefined
}

export type SettledSettings =
  | { readonly kind: 'settings'; readonly settings: DecodeSettings }
  | { readonly kind: 'problems'; readonly problems: readonly string[] }

type Environment = Readonly<Record<string, string | undefined>>

/** A variable of the environment wins over that of the file. */
export function settingsFrom(environment: Environment): SettledSettings {
  const reader = new SettingsReader(variablesOf(environment))
  const settings = settingsOf(reader)
  return reader.problems.length === 0
    ? { kind: 'settings', settings }
    : { kind: 'problems', problems: reader.problems }
}

function settingsOf(reader: SettingsReader): DecodeSettings {
  const action = actionOf(reader)
  const minutes = reader.whole('DECODE_MINUTES', 1, 1440, 10)
  return {
    to: targetOf(reader),
    mode: reader.choice('DECODE_MODE', ['ddps', 'floodwarden'], 'ddps'),
    ddps: {
      ...DDPS_DISTILLING,
      linesMin: reader.whole('DECODE_SAMPLES', 1, 10_000, DDPS_DISTILLING.linesMin),
      fields: reader.choice('DECODE_FIELDS', ['range', 'values'], DDPS_DISTILLING.fields),
      valuesMax: reader.whole('DECODE_VALUES', 1, 20, DDPS_DISTILLING.valuesMax),
      valuesShare: reader.whole('DECODE_SHARE', 0, 100, DDPS_DISTILLING.valuesShare * 100) / 100,
    },
    rulesMax: reader.whole('DECODE_RULES', 1, 16, 3),
    lengths: reader.optionalChoice('DECODE_LENGTHS', ['ip', 'frame']),
    flows: reader.choice('DECODE_FLOWS', ['auto', 'always'], 'auto'),
    action,
    minutes,
    description: reader.text('DECODE_DESCRIPTION'),
    unban: reader.choice('DECODE_UNBAN', ['ignore', 'withdraw'], 'ignore'),
    folder: reader.path('DECODE_FOLDER', '/var/spool/floodwarden-decode-attack'),
    log: reader.path('DECODE_LOG', '/var/log/floodwarden-decode-attack.log'),
    spoolSeconds: reader.whole('DECODE_SPOOL_SECONDS', 1, 86_400, minutes * 60),
    totalSeconds: reader.whole('TOTAL_SECONDS', 1, 600, 30),
    inputSeconds: reader.whole('STDIN_SECONDS', 1, 60, 5),
    requestSeconds: reader.whole('REQUEST_SECONDS', 1, 300, 10),
    retries: reader.whole('RETRIES', 0, 10, 2),
  }
}

function actionOf(reader: SettingsReader): Action | undefined {
  const text = reader.text('DECODE_ACTION') ?? 'discard'
  const actions = readAction(text)
  if (actions === undefined)
    reader.complain('DECODE_ACTION', 'is discard, accept (only watch), or rate-limit BYTES_PER_SECOND')
  return actions?.[0]
}

/** A DDPS API where one is named, else Floodwarden's own. */
function targetOf(reader: SettingsReader): DdpsTarget | NativeTarget {
  const caFile = reader.text('CA_FILE')
  const url = reader.text('DDPS_API')
  if (reader.choice('DECODE_TO', ['ddps', 'native'], url === undefined ? 'native' : 'ddps') === 'native')
    return { kind: 'native', url: reader.text('API'), tokenFile: reader.text('TOKEN_FILE'), caFile }
  const credentialsFile = reader.text('DDPS_CREDENTIALS_FILE')
  if (url === undefined) reader.complain('DDPS_API', 'is missing: the address of the DDPS API')
  if (credentialsFile === undefined)
    reader.complain(
      'DDPS_CREDENTIALS_FILE',
      'is missing: a file with username=... and password=..., which its owner alone may read',
    )
  return { kind: 'ddps', url: url ?? '', credentialsFile: credentialsFile ?? '', caFile }
}
