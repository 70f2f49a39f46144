import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack } from '#5-evidence/example.ts'
import { EXAMPLE_STEP } from '#7-mitigation/example.ts'
import { create } from '#7-mitigation/transitions.ts'
import { SILENT } from '#lib/log/logger.ts'
import { DryRun } from './driver.ts'

test('a dry run says what it would do, to whom and why, and succeeds', async () => {
  const lines: string[] = []
  const enforcer = new DryRun({
    ...SILENT,
    info: (message, facts) => void lines.push(`${message} ${Object.values(facts ?? {}).join(' | ')}`),
  })
  const action = { kind: 'script', path: '/usr/local/bin/notify' } as const
  const mitigation = create(
    {
      attack: exampleAttack(),
      ordinal: 0,
      action,
      reason: 'because',
      enforcer: enforcer.name,
      ...EXAMPLE_STEP,
      maximumSeconds: 60,
    },
    0,
  )

  const outcomes = [
    await enforcer.announce(mitigation),
    await enforcer.amend(mitigation),
    await enforcer.withdraw(mitigation),
  ]
  await enforcer.stop()

  assert.deepEqual(new Set(outcomes.map(({ kind }) => kind)), new Set(['done']))
  assert.deepEqual(lines, [
    'dry run: would announce 192.0.2.1 | example-1 | call the script /usr/local/bin/notify | because',
    'dry run: would amend 192.0.2.1 | example-1 | call the script /usr/local/bin/notify | because',
    'dry run: would withdraw 192.0.2.1 | example-1 | call the script /usr/local/bin/notify | because',
  ])
})
