import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from '../run-for-tests.ts'

test('each verb asks for what its words say', async () => {
  const lines = [
    'mitigator check --for 203.0.113.10 --try-writing',
    'mitigator preset --policy 7 --yes',
    'mitigator switch acl on --policy 7',
    'mitigator switch state off',
    'mitigator switch state',
    'mitigator block 198.51.100.7 192.0.2.0/28 --for 203.0.113.10',
    'mitigator notify -v 203.0.113.10 incoming 30000 ban',
    'mitigator notify --resend',
  ]

  const ran = await Promise.all(lines.map(line => run(line)))

  assert.deepEqual(
    ran.map(({ asked }) => asked[0]),
    [
      { kind: 'check', victim: '203.0.113.10', writes: true },
      { kind: 'preset', policy: 7, isConfirmed: true },
      { kind: 'switch', name: 'acl', isOn: true, policy: 7 },
      { kind: 'switch', name: 'state', isOn: false, policy: undefined },
      { kind: 'switch', name: 'state', isOn: undefined, policy: undefined },
      {
        ...{ kind: 'block', target: '203.0.113.10', ttlSeconds: 300 },
        sources: ['198.51.100.7', '192.0.2.0/28'],
      },
      {
        ...{ kind: 'notify', isVerbose: true },
        call: { ip: '203.0.113.10', direction: 'incoming', pps: '30000', action: 'ban' },
      },
      { kind: 'notify', call: undefined, isVerbose: false },
    ],
  )
})

test('wrong words ask for nothing', async () => {
  const ran = await Promise.all(
    [
      'mitigator notify 203.0.113.10 incoming',
      'mitigator notify --resend 203.0.113.10',
      'mitigator switch acl perhaps --policy 7',
      'mitigator switch acl on --policy 0',
      'mitigator block 198.51.100.7',
    ].map(line => run(line)),
  )

  assert.deepEqual(
    ran.map(({ code, asked }) => [code, asked.length]),
    Array(5).fill([2, 0]),
  )
})
