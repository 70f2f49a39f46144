import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runWords } from '../run-for-tests.ts'

const run = (...words: string[]) => runWords(words)

test('a rule is made of a target with fields, or of its text', async () => {
  const fields = await run(
    ...['rule', 'add', '192.0.2.1', 'discard', '--protocol', '=udp', '--source-port', '=123'],
    ...['--ttl', '2h', '--reason', 'ticket 4711', '--extend'],
  )
  const text = await run(
    ...[
      'rule',
      'add',
      'destination 192.0.2.1/32 protocol =gre then discard',
      '--ttl',
      '600',
      '--reason',
      'x',
    ],
  )

  assert.deepEqual(fields.asked.at(-1), {
    ...{ target: '192.0.2.1', action: 'discard', match: { protocol: '=udp', sourcePort: '=123' } },
    ...{ ttlSeconds: 7200, reason: 'ticket 4711', ifExists: 'extend' },
  })
  assert.deepEqual(text.asked.at(-1), {
    ...{ rule: 'destination 192.0.2.1/32 protocol =gre then discard', ttlSeconds: 600 },
    ...{ reason: 'x', ifExists: 'refuse' },
  })
  assert.match(fields.out, /^Made: mi7kq3l9-r1 is active\.\n/)
  assert.match(fields.out, /made by user:ann .* \(api\)/)
})

test('rules are listed, shown, previewed, extended, taken back and tried again', async () => {
  const lists = [await run('rule'), await run('rule', 'list', '--in-state', 'scheduled', '--json')]
  const shown = await run('rule', 'show', 'mi7kq3l9-r1')
  const preview = await run('rule', 'preview', '192.0.2.1', 'discard', '--protocol', '=udp')
  const extended = await run('rule', 'extend', 'mi7kq3l9-r1', '--ttl', '1d')
  const taken = await run('rule', 'withdraw', 'a', 'b', '--reason', 'over')
  const retried = await run('rule', 'retry', 'mi7kq3l9-r1')

  assert.match(lists[0]!.out, /mi7kq3l9-r1 +active .* then discard +ticket 4711\nand more: --cursor 1\.a/)
  assert.equal(Reflect.get(Object(lists[0]!.asked.at(-1)), 'state'), 'live')
  assert.equal(Reflect.get(Object(lists[1]!.asked.at(-1)), 'state'), 'scheduled')
  assert.match(shown.out, /carried out as attack mi7kq3l9-9000000001/)
  assert.match(preview.out, /It would be refused:\n {2}rule mi7kq3l9-r1 matches the same \(duplicate-rule\)/)
  assert.match(preview.out, /matches 970:\n {2}97\.0 % \(96\.0 to 98\.0\) of the packets, 99\.0 %/)
  assert.deepEqual(extended.asked.at(-1), { id: 'mi7kq3l9-r1', ttlSeconds: 86_400 })
  assert.match(extended.out, /lasts until/)
  assert.match(taken.out, /^a +is taken back\nb +is taken back\n$/)
  assert.match(retried.out, /tried again: active/)
})

test('templates, the pack and blackholes', async () => {
  const templates = await run('rule', 'templates')
  const template = await run(
    ...['rule', 'apply-template', 'web', '192.0.2.80', '--ports', '80,8443', '--ttl', '1h', '--reason', 'x'],
  )
  const pack = await run('rule', 'apply-default-pack', '--network', '192.0.2.0/24', '--reason', 'as always')
  const holes = await run('blackhole', 'show')
  const hole = await run('blackhole', 'add', '192.0.2.1', '--ttl', '600', '--reason', 'x')
  const gone = await run('blackhole', 'del', '192.0.2.1')

  assert.match(templates.out, /web +a web server +all fragments +fragment is-fragment\+first\+last +discard/)
  assert.deepEqual(template.asked.at(-1), {
    ...{ name: 'web', target: '192.0.2.80', reason: 'x', ttlSeconds: 3600, ports: [80, 8443] },
  })
  assert.match(template.out, /^1 of 2 rules are there\./)
  assert.deepEqual(pack.asked.at(-1), { reason: 'as always', networks: ['192.0.2.0/24'] })
  assert.deepEqual(holes.asked.at(-1), { kind: 'blackhole', state: 'live', limit: 1000 })
  assert.equal(hole.code, 0)
  assert.match(gone.out, /192\.0\.2\.1 is blackholed no more/)
})

test('panic asks once, and says how many, what is left and how it is lifted', async () => {
  const asked = await runWords(['panic'], { answer: 'yes' })
  const refused = await runWords(['panic'], { answer: 'no' })
  const nobody = await runWords(['panic'])
  const sure = await run('panic', '--yes', '--reason', '3 am')

  assert.match(
    asked.out,
    /5 mitigations are taken back, and 3 rules by people are withdrawn for good\. Nothing is/,
  )
  assert.match(asked.out, /until: floodwarden arm/)
  assert.deepEqual([refused.code, nobody.code, sure.code], [1, 1, 0])
  assert.match(nobody.err, /say --yes/)
  assert.equal(refused.asked.length, 1)
  assert.deepEqual(sure.asked.at(-1), { confirm: true, reason: '3 am' })
})

test('what is mistyped is told before the daemon is asked', async () => {
  for (const line of [
    'rule add 192.0.2.1 drop --ttl 60 --reason x',
    'rule add 192.0.2.1 discard --ttl soon --reason x',
    'rule add 192.0.2.1 discard --ttl 60',
    'rule add 192.0.2.1 discard --ttl 60 --until 2099-01-01T00:00:00Z --reason x',
    'rule apply-template gopher 192.0.2.1 --ttl 60 --reason x',
    'blackhole add nonsense --ttl 60 --reason x',
  ]) {
    const { code, asked } = await run(...line.split(' '))

    assert.deepEqual([code, asked], [2, []], line)
  }
})
