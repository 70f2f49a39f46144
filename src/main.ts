// The program: joins the command line with what carries its verbs out. Each verb loads only what it needs.

import { clientAt } from '#api/contract/client.ts'
import type { Io } from '#cli/io.ts'
import type { LocalVerbs, TopOptions } from '#cli/local-verbs.ts'
import { runCommandLine } from '#cli/program.ts'
import { keepCacheToOurselves } from '#lib/compile-cache.ts'

keepCacheToOurselves()
const environment = process.env
const uid = process.getuid?.()

const io: Io = {
  environment,
  uid,
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
  question: async text => (await import('#cli/question.ts')).question(text, process.stdin, process.stdout),
  secret: async text => (await import('#cli/secret.ts')).readSecret(text, process.stdin, io.err),
  connect: door => clientAt(door),
}

const verbs: LocalVerbs = {
  run: async (options, { err }) => {
    if (!options.daemonize) return (await import('#app/verbs/run.ts')).run(options, err)
    const { fromFastnetmon } = await import('#cli/fastnetmon-words.ts')
    const argv = fromFastnetmon(process.argv.slice(2)).filter(word => word !== '--daemonize')
    return (await import('#app/verbs/daemonize.ts')).daemonize(argv)
  },
  check: async ({ file, json, toYaml }, { out, err }) =>
    (await import('#app/verbs/check.ts')).check(file, { json, toYaml }, out, err),
  replay: async (options, output) => (await import('#app/verbs/replay.ts')).replay(options, output),
  distill: async (options, output) =>
    (await import('#app/verbs/distill.ts')).distillVerb(options, output, process.stdin),
  rulePost: async (options, output) =>
    (await import('#app/verbs/rule-post.ts')).rulePost(options, output, () => process.stdin),
  decodeAttack: async (options, { err }) =>
    (await import('#app/verbs/decode-attack.ts')).decodeAttack(options, {
      ...{ environment: options.environment, err, input: () => process.stdin },
    }),
  protect: async (request, output) => (await import('#app/verbs/protect.ts')).protect(request, output),
  protectPreset: async (options, io) =>
    (await import('#app/verbs/protect-preset.ts')).protectPreset(options, io),
  mitigator: async (wish, { environment, out, err, question }) =>
    (await import('#app/verbs/mitigator.ts')).mitigator(wish, {
      ...{ environment, out, err, question, input: () => process.stdin },
    }),
  scriptTest: async (options, output) =>
    (await import('#app/verbs/script-test.ts')).scriptTest(options, output),
  simulate: async (options, output) =>
    (await import('#app/verbs/simulate.ts')).simulateByFile(options, output),
  doctor: async (options, output) => (await import('#app/verbs/doctor.ts')).doctor(options, output),
  verifyAudit: async (options, output) =>
    (await import('#app/verbs/verify-audit.ts')).verifyAudit(options, output),
  backup: async (options, output) => (await import('#app/verbs/backup.ts')).backup(options, output),
  restore: async (options, output) => (await import('#app/verbs/restore.ts')).restore(options, output),
  ruleFiles: async ({ files }) => (await import('#app/verbs/rule-files.ts')).readRuleFiles(files),
  top: async (options, output) => {
    const { top } = await import('#tui/top.ts')
    const { door, sort, limit, json } = options
    const terminal = await terminalFor(options)
    return top({ client: clientAt(door), view: { sort, limit }, terminal, json, ...output })
  },
}

/** The terminal to draw on; undefined when the screen is printed once. */
async function terminalFor({ once, json }: TopOptions) {
  const isDumb = environment['TERM'] === 'dumb'
  if (once || json || isDumb || !process.stdout.isTTY) return undefined
  const { terminalOn } = await import('#tui/terminal.ts')
  const keys = process.stdin.isTTY ? process.stdin : undefined
  return terminalOn(keys, process.stdout, !environment['NO_COLOR'])
}

// A reader that has seen enough (`floodwarden attacks | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

process.exit(await runCommandLine(process.argv.slice(2), verbs, io))
