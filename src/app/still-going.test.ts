import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack } from '#5-evidence/example.ts'
import { SILENT } from '#lib/log/logger.ts'
import { StillGoing } from './still-going.ts'

test('a ban that outlasts its time is spoken of at half its time, only while the flood goes on', () => {
  const told: unknown[] = []
  const going = new StillGoing({ ...SILENT, info: (_message, facts) => void told.push(facts?.['attack']) })
  const over = exampleAttack({ id: 'over', banSeconds: 6 })
  const calm = exampleAttack({ id: 'calm', banSeconds: 6, isOver: false })
  const endless = exampleAttack({ id: 'endless', banSeconds: 0 })

  for (let second = 0; second < 14; second++) {
    going.look([over, calm, endless], over.openedAt + second * 1000)
  }

  assert.deepEqual(told, ['over', 'over', 'over'])
})
