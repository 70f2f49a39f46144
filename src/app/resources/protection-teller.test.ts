import assert from 'node:assert/strict'
import { test } from 'node:test'
import { liveMessageSchema } from '#api/contract/live.ts'
import type { Profile } from '#api/contract/protection.ts'
import { RoomDesk } from '../protection/protection-desk.ts'
import { roomOf } from '../protection/room-for-tests.ts'
import { ProtectionTeller } from './protection-teller.ts'

test('a profile that stands otherwise is told once, and nothing of it while nobody hears', async () => {
  const { room, backEnd, clock } = roomOf()
  const desk = new RoomDesk(room, () => clock.now)
  const told: Profile[] = []
  let isHeard = false
  const teller = new ProtectionTeller({
    ...{ profiles: () => desk.profiles(), tell: (profile: Profile) => told.push(profile) },
    isHeard: () => isHeard,
  })
  const on = { profile: 'web', countermeasure: 'acl', mode: 'on' } as const
  teller.second()
  await desk.switch(on, 'uid:1000')
  isHeard = true
  teller.second()
  assert.equal(told.length, 0, 'whoever hears has just asked for the list')

  await desk.switch({ ...on, mode: 'monitor' }, 'uid:1000')
  teller.second()
  teller.second()
  const counters = { inputPackets: 10, droppedPackets: 4, droppedBytes: 400 }
  backEnd.counted = [{ profile: 'web', countermeasure: 'acl', counters }]
  await room.readNow()
  teller.second()

  assert.equal(told.length, 1)
  const [profile] = told
  assert.equal(profile?.countermeasures.find(({ name }) => name === 'acl')?.mode, 'monitor')
  liveMessageSchema.parse({ kind: 'protection-changed', profile })
})
