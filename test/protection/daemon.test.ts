// Protection by the daemon with the real nft: what attacks and operators need is in the kernel, through ends, kills and meddling,
// and tables of another administrator are as they were.

import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { SILENT } from '#lib/log/logger.ts'
import { Lab } from '../../lab/namespace.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { makeBackEnd } from '../../src/app/protection/make-back-end.ts'
import { RoomDesk } from '../../src/app/protection/protection-desk.ts'
import { ProtectionRoom } from '../../src/app/protection/protection-room.ts'
import { BRIEFING, configOf, mitigationOf } from '../../src/app/protection/room-for-tests.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const OTHERS = `table ip admin {
  set friends {
    type ipv4_addr
    elements = { 192.0.2.77 }
  }
  chain input {
    type filter hook input priority 0; policy accept;
    ip saddr @friends accept
  }
}
`
const TABLE = 'floodwarden_protect'
const PLAN = {
  links: [
    {
      from: { role: 'gateway', addresses: ['10.0.0.1/24'] },
      to: { role: 'server', addresses: ['10.0.0.7/24'] },
    },
  ],
}

class Gateway {
  readonly #lab: Lab

  constructor(lab: Lab) {
    this.#lab = lab
  }

  async nft(argv: readonly string[], input = ''): Promise<string> {
    const { code, stdout, stderr } = await this.#lab.exec('gateway', ['nft', ...argv], { input })
    assert.equal(code, 0, stderr)
    return stdout
  }

  /** Everything in the kernel that is not ours, without counters. */
  others(): Promise<string> {
    return this.nft(['-s', 'list', 'table', 'ip', 'admin'])
  }

  /** Countermeasures of `web` that are in place; `undefined`: there is no table of ours. */
  async inPlace(): Promise<string[] | undefined> {
    const { code, stdout } = await this.#lab.exec('gateway', ['nft', 'list', 'table', 'inet', TABLE])
    if (code !== 0) return undefined
    const names = [...stdout.matchAll(/jump p\/web\/([a-z-]+)$/gm)].map(([, name = '']) => name)
    return [...new Set(names)].sort()
  }

  async until(expected: readonly string[] | undefined): Promise<void> {
    const deadline = performance.now() + 60_000
    for (;;) {
      const found = await this.inPlace()
      if (JSON.stringify(found) === JSON.stringify(expected)) return
      assert.ok(
        performance.now() < deadline,
        `${JSON.stringify(found)} is in place, not ${JSON.stringify(expected)}`,
      )
      await delay(50)
    }
  }

  spawn: NonNullable<Parameters<typeof RunningDaemon.start>[0]['spawn']> = (argv, options) =>
    this.#lab.spawn('gateway', argv, options)

  /** A program that is nft in here. */
  program(folder: string): string {
    const path = join(folder, 'nft-in-gateway')
    writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${this.#lab.namespace('gateway')} nft "$@"\n`)
    chmodSync(path, 0o755)
    return path
  }
}

const PROFILES = `profiles:
    web:
      isDefault: true
      countermeasures:
        acl: { rules: [{ verdict: drop, match: protocol =icmp }] }
        source-limit: { packetsPerSecond: 100 }
        syn-proxy: { ports: [80] }`

async function gatewayOf(t: TestContext): Promise<{ gateway: Gateway; lab: Lab; folder: string }> {
  const folder = temporaryFolder(t)
  const lab = await Lab.create(PLAN)
  t.after(() => lab[Symbol.asyncDispose]())
  const gateway = new Gateway(lab)
  await gateway.nft(['-f', '-'], OTHERS)
  return { gateway, lab, folder }
}

test('two hosts in one profile, one ends, the daemon is killed, the table is meddled with: what is needed is there', {
  timeout: 180_000,
}, async t => {
  if (!(await mayRunPrograms(t, ['ip', 'nft']))) return
  const { gateway, folder } = await gatewayOf(t)
  const others = await gateway.others()
  const file = join(folder, 'config.yaml')
  writeFileSync(
    file,
    `networks: [10.0.0.0/24]
capture: { method: off }
metrics: { listen: off }
api: { listen: off }
mitigation: { armed: true }
protection:
  nftables: { checkSeconds: 1, followsConnections: false }
  ${PROFILES}
playbooks:
  - name: protect
    steps: [{ name: profile, actions: [{ kind: countermeasure }], ttlSeconds: 3600 }]
`,
  )
  const start = () =>
    RunningDaemon.start({ state: join(folder, 'state'), words: ['--config', file], spawn: gateway.spawn })
  const first = await start()
  assert.equal(await gateway.inPlace(), undefined)

  await first.call(ROUTES.ban, { host: '10.0.0.7' })
  await first.call(ROUTES.ban, { host: '10.0.0.8' })
  await gateway.until(['source-limit'])
  await first.call(ROUTES.unban, { host: '10.0.0.7' })
  await first.until(
    ({ message, target, outcome }) =>
      message === 'audit: withdraw' && target === '10.0.0.7' && outcome === 'done',
  )
  assert.deepEqual(await gateway.inPlace(), ['source-limit'])

  await gateway.nft(['flush', 'chain', 'inet', TABLE, 'm/judge'])
  await first.until(({ message }) => message.startsWith('somebody else had changed'))
  await gateway.until(['source-limit'])

  // Two announcements and a withdrawal.
  await first.untilKept(3)
  process.kill(first.pid, 'SIGKILL')
  await first[Symbol.asyncDispose]()
  assert.deepEqual(await gateway.inPlace(), ['source-limit'])
  await gateway.nft(['delete', 'table', 'inet', TABLE])
  await using second = await start()
  await gateway.until(['source-limit'])

  await second.call(ROUTES.arm, { armed: false })
  await gateway.until(undefined)
  await second.call(ROUTES.arm, { armed: true })
  await gateway.until(['source-limit'])
  await second.call(ROUTES.unban, { host: '10.0.0.8' })
  await gateway.until(undefined)
  assert.equal(await gateway.others(), others)
})

const webConfig = (program: string) =>
  configOf({
    networks: ['10.0.0.0/24'],
    protection: {
      nftables: { program },
      profiles: {
        web: {
          prefixes: ['10.0.0.0/24'],
          countermeasures: {
            acl: { rules: [{ verdict: 'drop', match: 'protocol =icmp' }] },
            'source-limit': { packetsPerSecond: 100 },
            'temporary-blacklist': { ttlSeconds: 60, progressive: {} },
          },
        },
      },
    },
  })

/** Begins a room of its own each time, with what the one before has kept. */
function rooms(t: TestContext, program: string, folder: string) {
  const config = webConfig(program)
  const kept = new Map<string, unknown>()
  return () => {
    const room = new ProtectionRoom({
      ...{ config: () => config, stateDirectory: folder, store: new MitigationLedger() },
      ...{ log: SILENT, now: Date.now, makeBackEnd, trafficOf: () => Promise.resolve([]) },
      keep: (key, value) => kept.set(key, structuredClone(value)),
    })
    room.adopt(kept.get('protection'))
    room.arm(true)
    room.begin()
    t.after(() => room.stop(5000))
    return { room, desk: new RoomDesk(room, Date.now), enforcer: room.enforcers[0]! }
  }
}

test('what an operator switched on stays through attacks and a new start, and what he takes back goes', {
  timeout: 180_000,
}, async t => {
  if (!(await mayRunPrograms(t, ['ip', 'nft']))) return
  const { gateway, folder } = await gatewayOf(t)
  const others = await gateway.others()
  const begin = rooms(t, gateway.program(folder), folder)

  const first = begin()
  await first.desk.switch({ profile: 'web', countermeasure: 'acl', mode: 'on' }, 'uid:1000')
  await first.desk.switch({ profile: 'web', mode: 'on' }, 'uid:1000')
  await first.enforcer.announce(mitigationOf('a', 'acl'), BRIEFING)
  await first.enforcer.announce(mitigationOf('b', 'source-limit'), BRIEFING)
  assert.deepEqual(await gateway.inPlace(), ['acl', 'source-limit', 'temporary-blacklist'])
  await first.enforcer.withdraw(mitigationOf('a', 'acl'), BRIEFING)
  await first.enforcer.withdraw(mitigationOf('b', 'source-limit'), BRIEFING)
  assert.deepEqual(await gateway.inPlace(), ['acl', 'temporary-blacklist'])

  const blocked = await first.desk.block(
    { profile: 'web', sources: ['192.0.2.9'], ttlSeconds: 900 },
    'uid:1000',
  )
  assert.equal(blocked.kind, 'done')
  const longer = await first.desk.block(
    { profile: 'web', sources: ['192.0.2.9'], ttlSeconds: 1800 },
    'uid:1000',
  )
  assert.equal(longer.kind, 'done', JSON.stringify(longer))
  first.room.second()

  // The first is not told to stop, as when it was killed.
  const second = begin()
  await second.room.changed()
  assert.deepEqual(await gateway.inPlace(), ['acl', 'temporary-blacklist'])
  const listed = await second.desk.blocked('web')
  assert.ok(listed.kind === 'done')
  assert.deepEqual(
    listed.value.map(({ source }) => source),
    ['192.0.2.9'],
  )
  assert.ok((listed.value[0]?.remainingSeconds ?? 0) > 900)
  const free = await second.desk.unblock({ profile: 'web', sources: ['192.0.2.9'] }, 'uid:1000')
  assert.deepEqual(free, { kind: 'done', value: 1, notes: [] })
  await second.desk.counters()
  assert.equal(
    second.desk.profile('web')?.countermeasures.find(({ name }) => name === 'acl')?.counters?.droppedPackets,
    0,
  )

  await second.desk.switch({ profile: 'web', countermeasure: 'acl', mode: 'configured' }, 'uid:1000')
  await second.desk.switch({ profile: 'web', mode: 'configured' }, 'uid:1000')
  assert.equal(await gateway.inPlace(), undefined)
  assert.equal(await gateway.others(), others)
})
