import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { notice } from '../notice/notices-for-tests.ts'
import { spokenOf } from '../notice/spoken.ts'
import { wordsFor } from '../notice/words.ts'
import { framed, syslogNotice } from './syslog-message.ts'

const FROM = { facility: 'local0', hostname: 'edge1', processId: 42, enterprise: 32_473 } as const

/** RFC 5424, section 6: header, structured data whose quotes and brackets are escaped, message with its mark. */
const FORM =
  /^<(\d{1,3})>1 (\S+) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) (\[(?:[^\]\\]|\\.)*\]) \uFEFF([\s\S]*)$/

function messageOf(
  changes: Parameters<typeof notice>[1] = {},
  kind: Parameters<typeof notice>[0] = 'opened',
) {
  const told = notice(kind, changes)
  return syslogNotice(told, spokenOf(told, wordsFor(told), undefined), FROM, 2048)
}

test('a message has the head of RFC 5424, data for machines, and words for people', () => {
  const [, priority, at, host, program, pid, id, data, text] = FORM.exec(messageOf().toString()) ?? []

  assert.deepEqual(
    [priority, at, host, program, pid, id],
    ['131', '2030-01-02T03:05:35.000Z', 'edge1', 'floodwarden', '42', 'opened'],
  )
  assert.match(
    data ?? '',
    /^\[floodwarden@32473 id="g-a-1\.1" group="g-a-1" severity="high" target="192\.0\.2\.1" /,
  )
  assert.match(data ?? '', / customer="acme" .*packetsPerSecond="40000" bitsPerSecond="64000000"\]$/)
  assert.match(text ?? '', /^Attack on 192\.0\.2\.1 \(Acme/)
  assert.equal(FORM.exec(messageOf({}, 'ended').toString())?.[1], String(16 * 8 + 6))
})

test('whatever a name holds, a message stays one message that can be taken apart, and is cut between characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), name => {
      const bytes = messageOf({ customer: name.slice(0, 200), why: name, vector: name.slice(0, 200) })
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)

      assert.ok(bytes.length <= 2048)
      assert.match(text, /^[^\n\r\0]*$/)
      assert.match(`${text}`, FORM)
    }),
    { numRuns: 40 },
  )
})

test('over a stream the length stands in front, in bytes', () => {
  assert.equal(framed(Buffer.from('ü')).toString(), '2 ü')
})
