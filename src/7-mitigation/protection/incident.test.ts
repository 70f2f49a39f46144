import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INCIDENTS_MAX, IncidentLog, isTag, TAGS_MAX } from './incident.ts'
import { need } from './protected-for-tests.ts'

const dropped = (packets: number) => ({ packets, bytes: packets * 100 })

test('an incident lasts from the first need to the end of the last, and says what was dropped meanwhile', () => {
  const log = new IncidentLog()
  const began = log.follow('web', [need('a', 'acl', { tags: ['icmp_flood'] })], dropped(50), 1000, [
    'customer:7',
  ])
  log.follow('web', [need('a', 'acl'), need('b', 'source-limit')], dropped(70), 2000)
  log.follow('web', [need('b', 'source-limit')], dropped(90), 3000)
  const ended = log.follow('web', [], dropped(120), 4000)

  assert.equal(began?.endedAt, undefined)
  assert.deepEqual(ended, {
    ...{ id: 'web-1', profile: 'web', beganAt: 1000, endedAt: 4000, causes: ['of-a', 'of-b'] },
    ...{ countermeasures: ['acl', 'source-limit'], tags: ['customer:7', 'icmp_flood'] },
    ...{ droppedPackets: 70, droppedBytes: 7000 },
  })
  assert.equal(log.follow('web', [], dropped(120), 5000), undefined)
  assert.deepEqual(log.list(), [ended])
})

test('people add tags, also to what is over; there is room for so many', () => {
  const log = new IncidentLog()
  log.follow('web', [need('a', 'acl')], dropped(0), 1000)
  assert.deepEqual(log.tag('web-1', ['seen', 'seen'])?.tags, ['seen'])
  log.follow('web', [], dropped(0), 2000)
  assert.deepEqual(log.tag('web-1', ['reported'])?.tags, ['seen', 'reported'])

  assert.equal(
    log.tag(
      'web-1',
      Array.from({ length: 99 }, (_, at) => `t${at}`),
    )?.tags.length,
    TAGS_MAX,
  )
  assert.equal(log.tag('web-9', ['seen']), undefined)
  assert.deepEqual(['customer:7', 'a b', '', '-x', 'x'.repeat(65)].map(isTag), [
    true,
    false,
    false,
    false,
    false,
  ])
})

test('what is kept is taken up by the next run, what goes on with it, and no more than so many are kept', () => {
  const log = new IncidentLog()
  for (let at = 0; at <= INCIDENTS_MAX; at++) {
    log.follow('dns', [need('d', 'acl')], dropped(at), at)
    log.follow('dns', [], dropped(at), at)
  }
  log.follow('web', [need('a', 'acl')], dropped(5), 9000)
  log.follow('web', [need('a', 'acl')], dropped(25), 9500)
  const kept = structuredClone(log.kept())

  const next = new IncidentLog()
  next.adopt(kept, () => dropped(3))
  next.follow('web', [need('a', 'acl')], dropped(13), 9900)
  const ended = next.follow('web', [], dropped(13), 9999)
  const fresh = next.follow('web', [need('b', 'acl')], dropped(13), 10_000)

  assert.equal(kept.length, INCIDENTS_MAX)
  assert.deepEqual([ended?.beganAt, ended?.droppedPackets], [9000, 30])
  assert.equal(Number(fresh?.id.split('-')[1]), Number(ended?.id.split('-')[1]) + 1)
})
