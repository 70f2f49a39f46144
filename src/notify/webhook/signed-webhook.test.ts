import assert from 'node:assert/strict'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { test } from 'node:test'
import { notice } from '../notice/notices-for-tests.ts'
import { wordsFor } from '../notice/words.ts'
import { noticeBody, signatureOf, signedRequest } from './signed-webhook.ts'

test('the example of the specification of Standard Webhooks is signed as it says', () => {
  const body = '{"event_type":"ping","data":{"success":true}}'
  const signature = signatureOf('whsec_plJ3nmyCDGBKInavdOK15jsl', 'msg_loFOjxBNrRLzqYUf', '1731705121', body)

  assert.equal(signature, 'rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=')
})

test('a receiver that does as the page says verifies id, time and body, and each try is signed anew', () => {
  const body = noticeBody(notice('opened'), wordsFor(notice('opened')), undefined)
  const to = {
    url: 'https://a.example/',
    secret: 'a secret',
    headers: { Authorization: 'x', 'Webhook-Id': 'mine' },
  }
  const first = signedRequest(body, 'id-1', to, 1_700_000_000_999)
  const later = signedRequest(body, 'id-1', to, 1_700_000_060_000)
  const verifies = ({ headers = {}, body: text = '' }: typeof first) => {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`
    const expected = createHmac('sha256', 'a secret').update(signed).digest()
    return timingSafeEqual(expected, Buffer.from((headers['webhook-signature'] ?? '').slice(3), 'base64'))
  }

  assert.equal(first.headers?.['webhook-timestamp'], '1700000000')
  assert.deepEqual([first, later].map(verifies), [true, true])
  assert.equal(
    verifies({ ...first, headers: { ...first.headers, 'webhook-timestamp': '1700000060' } }),
    false,
  )
  assert.notEqual(first.headers?.['webhook-signature'], later.headers?.['webhook-signature'])
  assert.deepEqual([first.headers?.['webhook-id'], first.headers?.['authorization']], ['id-1', 'x'])
})

test('the body says what it is, in fields that stay', () => {
  const body = JSON.parse(
    signedRequest(noticeBody(notice('ended'), wordsFor(notice('ended')), 'https://c/'), 'i', { url: '' }, 0)
      .body ?? '',
  )

  assert.deepEqual(
    Object.keys(body).sort(),
    [
      ...[
        'version',
        'source',
        'title',
        'text',
        'id',
        'group',
        'kind',
        'severity',
        'customer',
        'customerName',
      ],
      ...['network', 'direction', 'hostgroups', 'vectors', 'around', 'attacks', 'openAttacks', 'targets'],
      ...['packetsPerSecond', 'bitsPerSecond', 'why', 'decision', 'isDryRun', 'link', 'at', 'openedAt'],
    ].sort(),
  )
  assert.deepEqual(
    [body.version, body.kind, body.openAttacks, body.at],
    [1, 'ended', 0, '2030-01-02T03:05:35.000Z'],
  )
})
