// Attacks and notices for tests.

import type { Notice } from './notice.ts'
import type { NoticeAttack } from './notice-attack.ts'
import { exampleNotice } from './notice-group.ts'

export const AT = Date.parse('2030-01-02T03:04:05Z')

export const noticeAttack = (id: string, changes: Partial<NoticeAttack> = {}): NoticeAttack => ({
  ...{ id, target: '192.0.2.1', direction: 'incoming', severity: 'high', hostgroup: 'global' },
  ...{
    vector: 'dns-amplification',
    network: '192.0.2.0/24',
    customer: 'acme',
    customerName: 'Acme <Ltd> & "Co"',
  },
  ...{ openedAt: AT, packetsPerSecond: 40_000, bitsPerSecond: 64_000_000, isDryRun: false },
  ...{ why: 'packets at 40,000 went over the limit of 20,000', decision: 'a rule is announced' },
  ...changes,
})

export const notice = (kind: Notice['kind'], changes: Partial<NoticeAttack> = {}): Notice =>
  exampleNotice(noticeAttack('a-1', changes), kind, AT + 90_000)
