import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ConfiguredProfile } from './configured-profile.ts'
import { Holders, NEEDS_MAX, type Need, type Switch, switchKey } from './holders.ts'
import { GENERAL, need, order, WEB } from './protected-for-tests.ts'

const PROFILES = [WEB, GENERAL]
const webOf = (holders: Holders) => holders.desired(PROFILES)[0]!

test('the end of one attack leaves on what another still needs, and the last puts all back', () => {
  const holders = new Holders()
  const before = holders.desired(PROFILES)
  holders.hold(need('a', 'acl'))
  holders.hold(need('b', 'acl'))
  holders.hold(need('b2', 'source-limit'))

  holders.release('a')
  assert.equal(webOf(holders).isOn, true)
  assert.deepEqual(webOf(holders).modes.acl, 'on')
  holders.release('b')
  assert.deepEqual(webOf(holders).modes, { ...WEB.modes, 'source-limit': 'on' })
  holders.release('b2')
  assert.deepEqual(holders.desired(PROFILES), before)
})

test('what an operator switched on stays on after attacks, and off by him takes nothing from them', () => {
  const holders = new Holders()
  holders.switch(order('on'))
  holders.switch(order('on', 'acl'))
  holders.hold(need('a', 'acl'))
  holders.release('a')
  assert.deepEqual([webOf(holders).isOn, webOf(holders).modes.acl], [true, 'on'])

  holders.hold(need('b', 'acl'))
  holders.switch(order('off'))
  holders.switch(order('off', 'acl'))
  assert.deepEqual([webOf(holders).isOn, webOf(holders).modes.acl], [true, 'on'])
  holders.release('b')
  assert.deepEqual([webOf(holders).isOn, webOf(holders).modes.acl], [false, 'off'])
})

test('monitor by an operator is a ceiling also for attacks, of one countermeasure or of all', () => {
  const holders = new Holders()
  holders.hold(need('a', 'acl'))
  holders.hold(need('b', 'source-limit'))
  holders.switch(order('monitor', 'acl'))
  assert.deepEqual([webOf(holders).modes.acl, webOf(holders).modes['source-limit']], ['monitor', 'on'])

  holders.switch(order('monitor'))
  assert.deepEqual(Object.values(webOf(holders).modes), ['on', 'monitor', 'monitor', 'monitor', 'off'])
})

test('rules of attacks stand behind the configured ones, each once', () => {
  const rule = 'destination 10.0.0.1/32 protocol =udp then discard'
  const holders = new Holders()
  holders.hold(need('a', 'filter', { rules: [rule] }))
  holders.hold(need('b', 'filter', { rules: [rule] }))

  assert.deepEqual(webOf(holders).profile.parameters.filter, { rules: [rule] })
  holders.release('a')
  assert.deepEqual(webOf(holders).profile.parameters.filter, { rules: [rule] })
  holders.release('b')
  assert.deepEqual(webOf(holders).profile, { id: WEB.id, prefixes: WEB.prefixes, parameters: WEB.parameters })
})

test('nothing is held longer than its time, and there is room for so much', () => {
  const holders = new Holders()
  holders.hold(need('a', 'acl', { untilMs: 5000 }))
  holders.switch(order('on', 'acl', { untilMs: 6000 }))
  assert.deepEqual(holders.expire(4999), { needs: [], switches: [] })
  assert.equal(holders.expire(5000).needs[0]?.key, 'a')
  assert.equal(holders.expire(6000).switches.length, 1)
  assert.equal(webOf(holders).modes.acl, 'off')

  for (let at = 0; at < NEEDS_MAX; at++) holders.hold(need(`n${at}`, 'acl'))
  assert.equal(holders.hold(need('one too many', 'acl')), false)
  assert.equal(holders.hold(need('n1', 'source-limit')), true)
})

/** What the rules in words say, worked out from a plain list of what is held. */
function expected(profile: ConfiguredProfile, needs: readonly Need[], switches: ReadonlyMap<string, Switch>) {
  const own = needs.filter(one => one.profile === profile.id)
  const whole = switches.get(profile.id)?.mode
  const isOn = own.length > 0 || (whole === undefined ? profile.isOn : whole !== 'off')
  const modes = Object.entries(profile.modes).map(([name, configured]) => {
    const mine = switches.get(`${profile.id}/${name}`)?.mode
    const strongest = own.some(({ countermeasure }) => countermeasure === name) ? 'on' : (mine ?? configured)
    return [
      name,
      strongest === 'on' && ((whole === 'monitor' && name !== 'whitelist') || mine === 'monitor')
        ? 'monitor'
        : strongest,
    ]
  })
  return { isOn, modes: Object.fromEntries(modes) }
}

const keys = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const names = fc.constantFrom('acl' as const, 'source-limit' as const, 'temporary-blacklist' as const)
const profiles = fc.constantFrom('web', 'general')
const modes = fc.constantFrom('on' as const, 'off' as const, 'monitor' as const)
const events = fc.oneof(
  fc.record({ kind: fc.constant('begin' as const), key: keys, name: names, profile: profiles }),
  fc.record({ kind: fc.constant('end' as const), key: keys }),
  fc.record({ kind: fc.constant('switch' as const), name: fc.option(names), profile: profiles, mode: modes }),
  fc.record({ kind: fc.constant('unswitch' as const), name: fc.option(names), profile: profiles }),
  fc.record({ kind: fc.constant('restart' as const) }),
)

test('in any order of attacks, operators and restarts what is desired is what is held, and in the end all is as before', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 60 }), told => {
      let holders = new Holders()
      const prior = holders.desired(PROFILES)
      const needs = new Map<string, Need>()
      const switches = new Map<string, Switch>()
      for (const event of told) {
        if (event.kind === 'begin') {
          const one = need(event.key, event.name, { profile: event.profile })
          needs.set(event.key, one)
          holders.hold(one)
        } else if (event.kind === 'end') {
          assert.equal(holders.release(event.key), needs.delete(event.key))
        } else if (event.kind === 'switch') {
          const one = order(event.mode, event.name ?? undefined, { profile: event.profile })
          switches.set(switchKey(event.profile, event.name ?? undefined), one)
          holders.switch(one)
        } else if (event.kind === 'unswitch') {
          switches.delete(switchKey(event.profile, event.name ?? undefined))
          holders.unswitch(event.profile, event.name ?? undefined)
        } else {
          const kept = structuredClone(holders.kept())
          holders = new Holders()
          holders.adopt(kept)
          // Needs of attacks come back with their mitigations.
          for (const one of needs.values()) holders.hold(one)
        }
        for (const [at, { isOn, modes: wanted }] of holders.desired(PROFILES).entries())
          assert.deepEqual({ isOn, modes: wanted }, expected(PROFILES[at]!, [...needs.values()], switches))
      }
      for (const key of needs.keys()) holders.release(key)
      for (const { profile, countermeasure } of switches.values()) holders.unswitch(profile, countermeasure)
      assert.deepEqual(holders.desired(PROFILES), prior)
    }),
  )
})
