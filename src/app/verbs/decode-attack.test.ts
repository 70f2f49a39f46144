import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import type { DdpsRule } from '#compat/ddps/rule.ts'
import { type Answer, answerAsDdps, ddpsServerFor } from '#compat/ddps/server-for-tests.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { DECODE_EXIT, decodeAttack } from './decode-attack.ts'

const HOST = '10.0.0.5'
const lines = (count: number, port = 53) =>
  Array.from(
    { length: count },
    (_, at) =>
      `2026-11-20 10:11:49.883663 198.51.100.${at + 1}:${1024 + at * 9000} > ${HOST}:${port} protocol: udp frag: 0  packets: 1 size: 60 bytes ttl: 64 sample ratio: 1  `,
  ).join('\n')
const HEAD = `IP: ${HOST}\nAttack type: udp_flood\nInitial attack power: 27421 packets per second\nAttack direction: incoming\nAttack protocol: udp\n`
const DETAILS = `${HEAD}\n\n${lines(5)}\n`
const FLOWS = `${HEAD}Incoming\n\nUDP flows: 3\n${[1, 2, 3].map(at => `${HOST}:53 < 198.51.100.${at}:1033 800 bytes 4 packets`).join('\n')}\n`

/** A folder with settings of one installation, and calls in it. */
class Installation {
  readonly folder: string
  readonly spool: string
  readonly #environment: Record<string, string | undefined>

  constructor(t: TestContext, url: string, more: Readonly<Record<string, string>> = {}) {
    this.folder = temporaryFolder(t)
    this.spool = join(this.folder, 'spool')
    const credentials = join(this.folder, 'credentials')
    writeFileSync(credentials, 'username=ann\npassword=secret\n', { mode: 0o600 })
    const file = join(this.folder, 'default')
    writeFileSync(
      file,
      [
        `FLOODWARDEN_DDPS_API=${url}`,
        `export FLOODWARDEN_DDPS_CREDENTIALS_FILE="${credentials}"`,
        `FLOODWARDEN_DECODE_FOLDER='${this.spool}' # where rules wait`,
        `FLOODWARDEN_DECODE_LOG=${join(this.folder, 'log')}`,
        'FLOODWARDEN_RETRIES=0',
        'rm -rf /',
      ].join('\n'),
    )
    this.#environment = { FLOODWARDEN_ENVIRONMENT_FILE: file, ...more }
  }

  async call(action: string, report: string | NodeJS.ReadableStream = '', ip = HOST): Promise<number> {
    const call = { ip, direction: 'incoming', pps: '27421', action }
    return this.#run(call, typeof report === 'string' ? Readable.from([report]) : report)
  }

  resend(): Promise<number> {
    return this.#run(undefined, Readable.from([]))
  }

  #run(call: Parameters<typeof decodeAttack>[0]['call'], input: NodeJS.ReadableStream): Promise<number> {
    return decodeAttack(
      { call, isVerbose: false },
      { environment: this.#environment, err: () => {}, input: () => input },
    )
  }

  set(name: string, value: string): void {
    this.#environment[name] = value
  }

  get log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8')
  }

  /** Files of rules that wait. */
  get waiting(): string[] {
    return readdirSync(this.spool).filter(name => name.startsWith('rules-'))
  }
}

const added = (heard: readonly { readonly path: string; readonly body: unknown }[]) =>
  heard.filter(({ path }) => path === '/addrule').map(({ body }) => body as DdpsRule)

test('a report becomes one rule, which is posted; the second report of the attack makes no other', async t => {
  const { heard, url } = await ddpsServerFor(t)
  const installation = new Installation(t, url)

  assert.equal(await installation.call('ban', DETAILS), DECODE_EXIT.done)
  assert.equal(await installation.call('attack_details', DETAILS), DECODE_EXIT.done)

  assert.deepEqual(
    added(heard).map(({ destinationprefix, ipprotocol, destinationport, packetlength, sourceport }) => ({
      destinationprefix,
      ipprotocol,
      destinationport,
      packetlength,
      sourceport,
    })),
    [
      {
        destinationprefix: `${HOST}/32`,
        ipprotocol: '=17',
        destinationport: '=53',
        packetlength: '=60',
        sourceport: '',
      },
    ],
  )
  assert.deepEqual(installation.waiting, [])
  assert.match(installation.log, /10\.0\.0\.5: rule accepted\n/)
  assert.match(installation.log, /10\.0\.0\.5 has a rule until .*: no other is made/)
  assert.doesNotMatch(installation.log, /secret/)
})

test('both reports at the same moment make one rule too', async t => {
  const { heard, url } = await ddpsServerFor(t)
  const installation = new Installation(t, url)

  const codes = await Promise.all(
    ['ban', 'attack_details', 'ban'].map(action => installation.call(action, DETAILS)),
  )

  assert.deepEqual(codes, [0, 0, 0])
  assert.equal(added(heard).length, 1)
})

test('flows of a flood wait for its packets, unless the settings say otherwise', async t => {
  const { heard, url } = await ddpsServerFor(t)
  const waits = new Installation(t, url)
  const takes = new Installation(t, url, { FLOODWARDEN_DECODE_FLOWS: 'always' })

  assert.equal(await waits.call('ban', FLOWS), DECODE_EXIT.done)
  assert.equal(added(heard).length, 0)
  assert.equal(await waits.call('attack_details', DETAILS), DECODE_EXIT.done)
  assert.equal(await takes.call('ban', FLOWS), DECODE_EXIT.done)

  assert.deepEqual(
    added(heard).map(({ sourceport, packetlength }) => ({ sourceport, packetlength })),
    [
      { sourceport: '', packetlength: '=60' },
      { sourceport: '=1033', packetlength: '' },
    ],
  )
})

test('what is not delivered is kept in a file of its owner, and sent later', async t => {
  let isUp = false
  const answer: Answer = (one, response) =>
    isUp ? answerAsDdps(one, response) : response.writeHead(503).end('busy')
  const { heard, url } = await ddpsServerFor(t, answer)
  const installation = new Installation(t, url)

  assert.equal(await installation.call('attack_details', DETAILS), DECODE_EXIT.kept)
  const [file, ...others] = installation.waiting
  assert.ok(file !== undefined && others.length === 0)
  assert.match(file, /^rules-\d{13}-\d{13}-10\.0\.0\.5-[0-9a-f-]{36}\.ddps\.json$/)
  const path = join(installation.spool, file)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(statSync(installation.spool).mode & 0o777, 0o700)
  assert.equal(JSON.parse(readFileSync(path, 'utf8')).thenaction, 'discard')
  // The same attack does not make another one meanwhile.
  assert.equal(await installation.call('ban', DETAILS), DECODE_EXIT.kept)
  assert.equal(installation.waiting.length, 1)
  isUp = true
  assert.equal(await installation.resend(), DECODE_EXIT.done)

  assert.equal(added(heard).length, 1)
  assert.deepEqual(installation.waiting, [])
})

test('a rule that waited too long is dropped, and one that a dead call had taken is sent', async t => {
  const { heard, url } = await ddpsServerFor(t)
  const installation = new Installation(t, url)
  mkdirSync(installation.spool, { mode: 0o700 })
  const rule = JSON.stringify({ ...JSON.parse(await textOfRule(t)) })
  const [now, past] = [Date.now(), Date.now() - 1000].map(at => String(at).padStart(13, '0'))
  const later = String(Date.now() + 600_000)
  writeFileSync(join(installation.spool, `rules-${past}-${past}-10.0.0.6-${UUID}.ddps.json`), rule)
  const taken = join(installation.spool, `rules-${now}-${later}-10.0.0.7-${UUID}.ddps.json.sending`)
  writeFileSync(taken, rule)
  utimesSync(taken, 1, 1)

  assert.equal(await installation.resend(), DECODE_EXIT.failed)

  assert.equal(added(heard).length, 1)
  assert.deepEqual(installation.waiting, [])
  assert.match(installation.log, /10\.0\.0\.6: a rule waited too long/)
})

const UUID = '00000000-0000-4000-8000-000000000000'

/** A rule as it lies in the folder. */
async function textOfRule(t: TestContext): Promise<string> {
  const { url } = await ddpsServerFor(t, (_, response) => response.writeHead(503).end())
  const installation = new Installation(t, url)
  await installation.call('ban', DETAILS)
  return readFileSync(join(installation.spool, installation.waiting[0] ?? ''), 'utf8')
}

test('a rule the server refuses is not sent again, and the next report may make another', async t => {
  const { heard, url } = await ddpsServerFor(t)
  const installation = new Installation(t, url, { FLOODWARDEN_DECODE_DESCRIPTION: 'taken' })

  assert.equal(await installation.call('ban', DETAILS), DECODE_EXIT.refused)
  assert.deepEqual(installation.waiting, [])
  assert.match(installation.log, /the server refuses the rule: the same rule is live \(status 400\)/)
  assert.equal(await installation.call('attack_details', DETAILS), DECODE_EXIT.refused)
  assert.equal(added(heard).length, 2)
})

test('unban is ignored without reading anything, or takes the rule back', async t => {
  const withdrawn: string[] = []
  let rule: unknown
  const { url } = await ddpsServerFor(t, (one, response) => {
    if (one.path === '/addrule') rule = one.body
    if (one.path === '/rules?which=active')
      return response.end(JSON.stringify([{ ...(rule as object), flowspecruleid: '7' }]))
    if (one.path.endsWith('/withdraw')) {
      withdrawn.push(one.path)
      return response.end('rule withdrawn')
    }
    return answerAsDdps(one, response)
  })
  const installation = new Installation(t, url)
  const untouched = new PassThrough()

  await installation.call('attack_details', DETAILS)
  assert.equal(await installation.call('unban', untouched), DECODE_EXIT.done)
  assert.deepEqual([withdrawn, untouched.readableFlowing], [[], null])
  installation.set('FLOODWARDEN_DECODE_UNBAN', 'withdraw')
  assert.equal(await installation.call('unban', untouched), DECODE_EXIT.done)
  assert.equal(await installation.call('unban', untouched), DECODE_EXIT.done)

  assert.deepEqual(withdrawn, ['/rules/7/withdraw'])
  assert.match(installation.log, /10\.0\.0\.5: of its rules 1 withdrawn\n/)
  assert.match(installation.log, /no rule of it is live/)
})

test('unban drops a rule that was never sent', async t => {
  const { heard, url } = await ddpsServerFor(t, (_, response) => response.writeHead(503).end())
  const installation = new Installation(t, url, { FLOODWARDEN_DECODE_UNBAN: 'withdraw' })

  await installation.call('ban', DETAILS)
  const before = heard.length
  assert.equal(await installation.call('unban'), DECODE_EXIT.done)

  assert.deepEqual(installation.waiting, [])
  assert.equal(heard.length, before)
})

test('too few lines and reports of nothing make no rule', async t => {
  const { heard, url } = await ddpsServerFor(t)
  const installation = new Installation(t, url)

  assert.equal(await installation.call('ban', `${HEAD}\n${lines(2)}`), DECODE_EXIT.noRule)
  assert.equal(await installation.call('ban', ''), DECODE_EXIT.noRule)
  assert.equal(await installation.call('ban', DETAILS, '10.0.0.9'), DECODE_EXIT.noRule)

  assert.deepEqual(heard, [])
  assert.match(installation.log, /2 samples are too few to decide: 3 are needed/)
})

test('a caller that does not end its report holds nothing up', async t => {
  const { heard, url } = await ddpsServerFor(t)
  const installation = new Installation(t, url, { FLOODWARDEN_STDIN_SECONDS: '1' })
  const open = new PassThrough()
  open.write(DETAILS)

  assert.equal(await installation.call('ban', open), DECODE_EXIT.done)

  assert.equal(added(heard).length, 1)
  assert.match(installation.log, /standard input did not end within 1 s/)
})

test('a server that never answers is given up in time, and the rule is kept', async t => {
  const { url } = await ddpsServerFor(t, () => {})
  const installation = new Installation(t, url, {
    FLOODWARDEN_TOTAL_SECONDS: '1',
    FLOODWARDEN_REQUEST_SECONDS: '60',
  })

  assert.equal(await installation.call('ban', DETAILS), DECODE_EXIT.kept)

  assert.equal(installation.waiting.length, 1)
})

test('wrong settings and wrong calls are said, and nothing is done', async t => {
  const { heard, url } = await ddpsServerFor(t)
  const cases: [Readonly<Record<string, string>>, RegExp][] = [
    [{ FLOODWARDEN_DECODE_MODE: 'magic' }, /FLOODWARDEN_DECODE_MODE is ddps or floodwarden/],
    [{ FLOODWARDEN_DECODE_MINUTES: '0' }, /FLOODWARDEN_DECODE_MINUTES is a whole number from 1 to 1440/],
    [{ FLOODWARDEN_DECODE_FOLDER: 'spool' }, /FLOODWARDEN_DECODE_FOLDER is a path that begins with/],
    [{ FLOODWARDEN_DECODE_ACTION: 'drop' }, /FLOODWARDEN_DECODE_ACTION is discard/],
  ]
  for (const [environment, words] of cases) {
    let err = ''
    const code = await decodeAttack(
      { call: { ip: HOST, direction: 'incoming', pps: '1', action: 'ban' }, isVerbose: false },
      {
        environment: {
          FLOODWARDEN_ENVIRONMENT_FILE: '/nonexistent',
          FLOODWARDEN_DDPS_API: url,
          ...environment,
        },
        err: text => {
          err += text
        },
        input: () => Readable.from([]),
      },
    )
    assert.equal(code, DECODE_EXIT.usage)
    assert.match(err, words)
    assert.match(err, /FLOODWARDEN_DDPS_CREDENTIALS_FILE is missing/)
  }
  assert.equal(await new Installation(t, url).call('ban', DETAILS, 'nobody'), DECODE_EXIT.usage)
  assert.deepEqual(heard, [])
})

test('a folder that others may write to, or that is a link, is not used', async t => {
  const { heard, url } = await ddpsServerFor(t)
  const open = new Installation(t, url)
  mkdirSync(open.spool)
  chmodSync(open.spool, 0o777)
  const linked = new Installation(t, url)
  symlinkSync(linked.folder, linked.spool)

  assert.equal(await open.call('ban', DETAILS), DECODE_EXIT.usage)
  assert.equal(await linked.call('ban', DETAILS), DECODE_EXIT.usage)

  assert.match(open.log, /others may write into/)
  assert.deepEqual(heard, [])
})

test("with Floodwarden's own distiller a rule carries what tells the flood", async t => {
  const { heard, url } = await ddpsServerFor(t)
  const installation = new Installation(t, url, {
    FLOODWARDEN_DECODE_MODE: 'floodwarden',
    FLOODWARDEN_DECODE_LENGTHS: 'ip',
  })
  const text = `${HEAD}\n${lines(25)
    .replaceAll('size: 60', 'size: 468')
    .replace(/:\d+ > /g, ':123 > ')}`

  assert.equal(await installation.call('attack_details', text), DECODE_EXIT.done)

  const [rule] = added(heard)
  assert.equal(rule?.packetlength, '=468')
  assert.match(rule?.description ?? '', /^Floodwarden distilled it: udp-fixed-length-flood$/)
})
