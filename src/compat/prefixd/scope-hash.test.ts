import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AttackIds, canBeOurs, readUuid, uuidOf } from './ids.ts'
import { scopeHash } from './scope-hash.ts'

test('scope hashes are those of prefixd', () => {
  const golden: [prefix: string, protocol: number | undefined, ports: number[], hash: string][] = [
    ['203.0.113.10/32', 17, [53], '8a9d587b54bd933321efac03eb352da4'],
    ['203.0.113.10/32', 17, [53, 123], 'af31dc5150ed6a71d92729fece60b555'],
    ['203.0.113.10/32', 17, [123, 53, 123], 'af31dc5150ed6a71d92729fece60b555'],
    ['203.0.113.10/32', 17, [], '5794a93022069fb6af42740510f6532d'],
    ['203.0.113.10/32', 6, [], '21718b973e114aef4e6df5d7d3823f46'],
    ['203.0.113.10/32', 6, [80, 443], 'e5d7b7f1570d6464e23f370669192b70'],
    ['203.0.113.10/32', 1, [], '4d5f4defc4a47348b521a827eb9b08d6'],
    ['203.0.113.10/32', undefined, [], 'b215e08f71f20929b0cdbc108c6173d8'],
    ['2001:db8::1/128', 17, [53], 'd609e2732b06337bd94fefa9947c284b'],
  ]
  for (const [prefix, protocol, ports, hash] of golden)
    assert.equal(scopeHash({ prefix, protocol, ports }), hash, `${prefix} ${protocol} ${ports}`)
})

test('an attack has one UUID, of version 8, and the way back is remembered', () => {
  const ids = new AttackIds()
  const uuid = ids.tell('mi1abc-000000001')

  assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.equal(uuidOf('mi1abc-000000001'), uuid)
  assert.notEqual(uuidOf('mi1abc-000000002'), uuid)
  assert.equal(ids.attackOf(uuid), 'mi1abc-000000001')
  assert.equal(ids.attackOf(uuidOf('another')), undefined)
})

test('a UUID is read in any form, and one that cannot be ours is told', () => {
  const uuid = uuidOf('a')

  assert.equal(readUuid(uuid.toUpperCase()), uuid)
  assert.equal(readUuid(uuid.replaceAll('-', '')), uuid)
  assert.equal(readUuid('not-a-uuid'), undefined)
  assert.equal(readUuid(`${uuid}0`), undefined)
  assert.ok(canBeOurs(uuid))
  assert.ok(!canBeOurs('d9428888-122b-11e1-b85c-61cd3cbb3210'))
})
