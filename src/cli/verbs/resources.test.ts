import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_RELOAD } from '#api/contract/examples.ts'
import { EXAMPLE_EVENT, EXAMPLE_MITIGATION } from '#api/contract/examples-resources.ts'
import { run } from '../run-for-tests.ts'
import { eventsText } from './events.ts'
import { mitigationsText } from './mitigations.ts'
import { reloadText } from './reload.ts'

const order = 'mitigations order 192.0.2.1 rate-limit --bits-per-second 5000 --ttl 60 --reason drill'

test('mitigations are listed, shown, ordered, taken back and noted as seen', async () => {
  const lists = [await run('mitigations'), await run('mitigations list --all --target 192.0.2.0/24 --json')]
  const shown = await run('mitigations show mi7kq3l9-1.0')
  const ordered = await run(`${order} --protocol 17 --ports 53,443`)
  const taken = await run('mitigations withdraw mi7kq3l9-1.0 mi7kq3l9-2.0 --reason over')
  const longer = await run('mitigations extend mi7kq3l9-1.0 --ttl 600 --reason more')
  const seen = await run('mitigations acknowledge mi7kq3l9-1.0')

  assert.deepEqual(lists[0]!.asked.at(-1), {
    ...{ limit: 100, state: 'live' },
    ...{ target: undefined, customer: undefined, attack: undefined, cursor: undefined },
  })
  assert.match(lists[0]!.out, /mi7kq3l9-1\.0 +10\.99\.1\.1 +filter +gobgp +announced/)
  assert.match(lists[0]!.out, /and more: --cursor 1\.a/)
  assert.equal(Reflect.get(Object(lists[1]!.asked.at(-1)), 'state'), undefined)
  assert.match(shown.out, /does: announce by gobgp/)
  assert.deepEqual(ordered.asked.at(-1), {
    ...{ target: '192.0.2.1', action: 'rate-limit', protocol: 17, ports: [53, 443] },
    ...{ bitsPerSecond: 5000, ttlSeconds: 60, reason: 'drill' },
  })
  assert.match(ordered.out, /Ordered, as attack mi7kq3l9-9000000001/)
  assert.deepEqual(taken.asked.at(-1), { ids: ['mi7kq3l9-1.0', 'mi7kq3l9-2.0'], reason: 'over' })
  assert.match(taken.out, /mi7kq3l9-1\.0 +is taken back\nmi7kq3l9-2\.0 +is not known/)
  assert.deepEqual(longer.asked.at(-1), { ids: ['mi7kq3l9-1.0'], ttlSeconds: 600, reason: 'more' })
  assert.equal(seen.code, 0)
})

test('events, the safelist and sections have verbs', async () => {
  const events = await run('events --source fastnetmon --outcome refused')
  const safelist = await run('safelist')
  const added = await run('safelist add 10.99.0.53 --reason resolver --ttl 60')
  const removed = await run('safelist remove 10.99.0.53/32')
  const inventory = await run('inventory')
  const playbooks = await run('playbooks show --json')

  assert.match(events.out, /fastnetmon +ban +10\.99\.1\.1 +udp_flood +accepted/)
  assert.match(safelist.out, /10\.99\.0\.53\/32 +added +resolver +user:ann/)
  assert.deepEqual(added.asked.at(-1), { prefix: '10.99.0.53', reason: 'resolver', ttlSeconds: 60 })
  assert.match(added.out, /10\.99\.0\.53\/32 is never touched until /)
  assert.match(removed.out, /may be touched again/)
  assert.match(inventory.out, /^inventory:\n {2}customers:\n {4}- id: acme/)
  assert.equal(JSON.parse(playbooks.out).section, 'inventory')
})

test('a dry run is called so wherever it is listed, and nothing of it is called announced', () => {
  const dry = { ...EXAMPLE_MITIGATION, enforcer: 'dry-run', isDryRun: true }
  const over = { ...dry, state: 'withdrawn' as const, endedAt: dry.expiresAt }

  const mitigations = mitigationsText({ mitigations: [dry, over, EXAMPLE_MITIGATION] })
  const events = eventsText({ events: [{ ...EXAMPLE_EVENT, isDryRun: true }, EXAMPLE_EVENT] })

  const [, first, second, third] = mitigations.split('\n')
  assert.match(first!, /filter +dry-run +dry-run +\d/)
  assert.doesNotMatch(first!, /announced/)
  assert.match(second!, /filter +dry-run +dry-run, withdrawn +\d/)
  assert.match(third!, /filter +gobgp +announced +\d/)
  assert.match(events, /udp_flood +accepted, dry-run +mi7/)
  assert.match(events, /udp_flood +accepted +mi7/)
})

test('a reload says what of the file is not in force, apart from what is', () => {
  const overruled = ['notify.webhooks.events (1 added, 0 removed): what was set by PUT is']

  const text = reloadText({ ...EXAMPLE_RELOAD, changed: [], overruled })

  const held =
    '\nNot in force, although the file says so:\n  notify.webhooks.events (1 added, 0 removed): what was set by PUT is\n'
  assert.ok(text.startsWith('Reloaded; nothing has changed.\n'), text)
  assert.ok(text.includes(held), text)
  assert.doesNotMatch(reloadText(EXAMPLE_RELOAD), /Not in force/)
})

test('what is mistyped is told before the daemon is asked', async () => {
  const wrong = [
    ...['mitigations order 192.0.2 discard --ttl 60 --reason x', 'events --outcome never'],
    ...[
      'mitigations order 192.0.2.1 drop --ttl 60 --reason x',
      'safelist add 10.0.0.1',
      `${order} --ports x`,
    ],
  ]
  for (const line of wrong) {
    const { code, asked } = await run(line)

    assert.deepEqual([code, asked], [2, []], line)
  }
})
