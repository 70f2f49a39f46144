// The scripts of the corpus, and how each of its calls must end. They behave as those of operators do. A script that is called gets CORPUS_OUT, a folder for what it leaves behind.

import type { CallAction } from '#8-enforcement/notify-script/encode.ts'

export type End = 'ok' | 'failed' | 'timed-out'

export interface CorpusScript {
  readonly name: string
  readonly ends: Readonly<Record<CallAction, End>>
  /** Looks at screen, log and files of the daemon, so that it can only be tried with one. */
  readonly needsDaemon?: true
}

const always = (end: End): CorpusScript['ends'] => ({ ban: end, attack_details: end, unban: end })
const FINE = always('ok')

/** Called under the usual time limit. */
export const QUICK: readonly CorpusScript[] = [
  { name: 'parse-every-line.sh', ends: FINE },
  { name: 'parse-every-line.py', ends: FINE },
  { name: 'parse-every-line.pl', ends: FINE },
  { name: 'refuses-details.sh', ends: { ...FINE, attack_details: 'failed' } },
  { name: 'ignores-stdin.sh', ends: FINE },
  { name: 'closes-stdin-early.py', ends: FINE },
  { name: 'fails.pl', ends: always('failed') },
  { name: 'mails.pl', ends: FINE },
  { name: 'file-per-ip.sh', ends: FINE },
  { name: 'backgrounds.sh', ends: FINE },
  { name: 'reads-files.py', ends: FINE, needsDaemon: true },
  { name: 'reads-log.pl', ends: FINE, needsDaemon: true },
]

/** Called under a time limit of TIMEOUT_SECONDS; the first sleeps SLEEP_SECONDS of it. */
export const SLOW: readonly CorpusScript[] = [
  { name: 'sleeps.sh', ends: FINE },
  { name: 'hangs.py', ends: always('timed-out') },
  { name: 'file-per-ip.sh', ends: FINE },
]
export const TIMEOUT_SECONDS = 5
export const SLEEP_SECONDS = 0.5
