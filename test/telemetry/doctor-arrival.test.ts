// Doctor beside a real daemon whose exporter does not reach it: by the port, and by rp_filter. What it advises helps.

import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { netflow5, record5 } from '#2-decode/flow-exports-for-tests.ts'
import { Lab } from '../../lab/namespace.ts'
import type { LabPlan } from '../../lab/plan.ts'
import { FLOODWARDEN, RunningDaemon } from '../../lab/running-daemon.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const PORT = 2055
/** The exporter sends over the first cable from an address that leads back over the second one. */
const EXPORTER = '198.51.100.1'
const PLAN: LabPlan = {
  links: [
    {
      from: { role: 'exporter', addresses: ['192.0.2.1/30', `${EXPORTER}/32`] },
      to: { role: 'collector', addresses: ['192.0.2.2/30'] },
    },
    {
      from: { role: 'exporter', addresses: ['192.0.2.5/30'] },
      to: { role: 'collector', addresses: ['192.0.2.6/30'] },
    },
  ],
  routes: { collector: [`${EXPORTER}/32 via 192.0.2.5`] },
}

/** Sends the same datagram every 20 ms; its words are address, port, own address and the bytes in hexadecimal. */
const SENDER = `
const [address, port, from, hex] = process.argv.slice(1)
const socket = require('node:dgram').createSocket('udp4').bind(0, from)
setInterval(() => socket.send(Buffer.from(hex, 'hex'), Number(port), address), 20)
`
const REPORT = z.object({
  findings: z.array(z.object({ name: z.string(), detail: z.string(), remedy: z.string().optional() })),
})

async function openStage(t: TestContext) {
  const folder = temporaryFolder(t)
  const lab = await Lab.create(PLAN)
  t.after(() => lab[Symbol.asyncDispose]())
  const config = join(folder, 'config.yaml')
  writeFileSync(
    config,
    `networks: [10.99.1.0/24]\ncapture: { method: off }\ntelemetry: { listen: ['0.0.0.0:${PORT}'], fallbackSamplingRate: 10 }\n`,
  )
  const state = join(folder, 'state')
  const daemon = await RunningDaemon.start({
    state,
    words: ['--config', config],
    spawn: (argv, options) => lab.spawn('collector', argv, options),
  })
  t.after(() => daemon[Symbol.asyncDispose]())
  const doctor = async () => {
    const words = ['doctor', '--config', config, '--state', state, '--json']
    const { stdout, stderr } = await lab.exec('collector', [FLOODWARDEN, ...words])
    assert.equal(stderr, '')
    return REPORT.parse(JSON.parse(stdout)).findings.filter(({ name }) => name === 'flow telemetry')
  }
  const send = (port: number, from: string) => {
    const hex = Buffer.from(netflow5([record5()])).toString('hex')
    return lab.spawn('exporter', [process.execPath, '-e', SENDER, '192.0.2.2', `${port}`, from, hex])
  }
  return { lab, doctor, send }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close')
  child.kill('SIGTERM')
  await ended
}

const LONG = { timeout: 240_000 }
const PROGRAMS = ['ip', 'sysctl']

test('doctor sees datagrams that come to another port', LONG, async t => {
  if (!(await mayRunPrograms(t, PROGRAMS))) return
  const { doctor, send } = await openStage(t)
  const quiet = await doctor()
  const sender = send(PORT + 1, '192.0.2.1')
  await sleep(300)

  const found = await doctor()

  await end(sender)
  assert.deepEqual(
    quiet.map(({ detail }) => detail),
    [`no datagram has come to port ${PORT}`],
  )
  assert.equal(found.length, 2, JSON.stringify(found))
  const { detail = '', remedy = '' } = found[1] ?? {}
  const [, came] = /^(\d+) datagrams came in 1 s to UDP ports/.exec(detail) ?? []
  assert.ok(Number(came) >= 20 && Number(came) <= 120, detail)
  assert.match(remedy, /have it send to port 2055/)
})

test('doctor sees what rp_filter drops, and what it advises helps', LONG, async t => {
  if (!(await mayRunPrograms(t, PROGRAMS))) return
  const { lab, doctor, send } = await openStage(t)
  const [cable] = lab.links
  assert.ok(cable)
  const strict = `net.ipv4.conf.${cable.to.interface}.rp_filter=1`
  assert.equal((await lab.exec('collector', ['sysctl', '-w', strict])).code, 0)
  // Questions by ARP from that address are not answered either, and not counted: a router in between would not ask so.
  const neighbour = ['192.0.2.2', 'lladdr', cable.to.mac, 'dev', cable.from.interface]
  assert.equal((await lab.exec('exporter', ['ip', 'neigh', 'replace', ...neighbour])).code, 0)
  const sender = send(PORT, EXPORTER)
  await sleep(300)

  const found = await doctor()

  assert.equal(found.length, 2, JSON.stringify(found))
  const { detail = '', remedy = '' } = found[1] ?? {}
  assert.match(detail, new RegExp(`^rp_filter drops what comes in \\(${cable.to.interface} strict\\): `))
  const [, dropped] = /: (\d+) packets in 1 s, /.exec(detail) ?? []
  assert.ok(Number(dropped) >= 20 && Number(dropped) <= 120, detail)
  const [command] = /sysctl -w \S+/.exec(remedy) ?? []
  assert.ok(command, remedy)
  assert.equal((await lab.exec('collector', command.split(' '))).code, 0)
  await sleep(500)
  const after = await doctor()
  await end(sender)
  assert.deepEqual(
    after.filter(({ detail: text }) => /rp_filter|no datagram/.test(text)),
    [],
  )
})
