// Attacks as alerts of Prometheus' Alertmanager (API v2, POST /api/v2/alerts).

import type { Notice } from '../notice/notice.ts'
import type { NoticeWords } from '../notice/words.ts'

export interface AlertmanagerAlert {
  /** Together they are what the alert is: another value is another alert. */
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
  readonly generatorURL?: string
}

/** Of a group of attacks as it stands; it ends at `endsAt` unless it is told again before. */
export function alertOf(
  notice: Notice,
  { title, text }: NoticeWords,
  link: string | undefined,
  endsAt: number,
): AlertmanagerAlert {
  return {
    labels: labelsOf(notice),
    annotations: filled({
      ...{ summary: title, description: text },
      targets: notice.listed.map(({ target }) => target).join(', '),
      around: notice.around,
      vector: notice.vectors.join(', '),
      attacks: String(notice.attacks),
      packets_per_second: String(notice.packetsPerSecond),
      bits_per_second: String(notice.bitsPerSecond),
      decision: notice.decision,
    }),
    startsAt: new Date(notice.openedAt).toISOString(),
    endsAt: new Date(endsAt).toISOString(),
    ...(link === undefined ? {} : { generatorURL: link }),
  }
}

/** Only what does not change while an attack lasts, but for its severity. */
const labelsOf = ({ group, severity, customer, network, direction, kind }: Notice): Record<string, string> =>
  filled({
    alertname: kind === 'test' ? 'FloodwardenTest' : 'FloodwardenAttack',
    ...{ attack: group, severity, customer, network, direction },
  })

/** Alertmanager refuses an alert of which a label is empty. */
const filled = (texts: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(texts).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, value]],
    ),
  )
