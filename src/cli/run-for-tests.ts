import type { Arming } from '#api/contract/arming.ts'
import type { Client, Failure, Reply } from '#api/contract/client.ts'
import {
  EXAMPLE_ARMING,
  EXAMPLE_ATTACK,
  EXAMPLE_AUDIT,
  EXAMPLE_BAN,
  EXAMPLE_REPORT,
  EXAMPLE_SIMULATION,
  EXAMPLE_STATUS,
} from '#api/contract/examples.ts'
import * as access from '#api/contract/examples-access.ts'
import * as notify from '#api/contract/examples-notify.ts'
import * as protection from '#api/contract/examples-protection.ts'
import * as resources from '#api/contract/examples-resources.ts'
import { ROUTES } from '#api/contract/routes.ts'
import type { Io } from './io.ts'
import type { LocalVerbs } from './local-verbs.ts'
import { runCommandLine } from './program.ts'
import type { Secret } from './secret.ts'

/** Answers of a daemon by route; a failure when it is told to fail. */
const ANSWERS = new Map<unknown, unknown>([
  [ROUTES.status, EXAMPLE_STATUS],
  [ROUTES.attacks, { attacks: [EXAMPLE_ATTACK], total: 3 }],
  [ROUTES.attack, EXAMPLE_REPORT],
  [ROUTES.bans, { bans: [EXAMPLE_BAN], total: 1 }],
  [ROUTES.ban, EXAMPLE_BAN],
  [ROUTES.arming, EXAMPLE_ARMING],
  [ROUTES.simulate, EXAMPLE_SIMULATION],
  [ROUTES.arm, { ...EXAMPLE_ARMING, armed: true }],
  [ROUTES.unban, EXAMPLE_BAN],
  [ROUTES.audit, { entries: [EXAMPLE_AUDIT] }],
  [ROUTES.mitigations, { mitigations: [resources.EXAMPLE_MITIGATION], nextCursor: '1.a' }],
  [ROUTES.mitigation, { ...resources.EXAMPLE_MITIGATION, attack: EXAMPLE_ATTACK }],
  [ROUTES.order, resources.EXAMPLE_ORDERED],
  [ROUTES.withdrawMany, resources.EXAMPLE_MANY],
  [ROUTES.extendMany, resources.EXAMPLE_MANY],
  [ROUTES.acknowledgeMany, resources.EXAMPLE_MANY],
  [ROUTES.events, { events: [resources.EXAMPLE_EVENT] }],
  [ROUTES.safelist, { safelist: [resources.EXAMPLE_SAFE] }],
  [ROUTES.addSafe, resources.EXAMPLE_SAFE],
  [ROUTES.removeSafe, resources.EXAMPLE_SAFE],
  [ROUTES.notifications, notify.EXAMPLE_NOTIFICATIONS],
  [ROUTES.testNotifications, notify.EXAMPLE_TESTED],
  [ROUTES.previewNotification, notify.EXAMPLE_NOTIFY_PREVIEW],
  [ROUTES.deadLetters, notify.EXAMPLE_DEAD_LETTERS],
  [ROUTES.resendDeadLetters, notify.EXAMPLE_LETTERS_DONE],
  [ROUTES.discardDeadLetters, notify.EXAMPLE_LETTERS_DONE],
  [ROUTES.addRule, resources.EXAMPLE_RULE_MADE],
  [ROUTES.rules, { rules: [resources.EXAMPLE_RULE], nextCursor: '1.a', live: 1 }],
  ...[ROUTES.rule, ROUTES.extendRule, ROUTES.retryRule].map((route): [unknown, unknown] => [
    ...([route, resources.EXAMPLE_RULE] as const),
  ]),
  [ROUTES.addRule, resources.EXAMPLE_RULE_MADE],
  [ROUTES.previewRule, resources.EXAMPLE_PREVIEW],
  ...[ROUTES.withdrawRule, ROUTES.endBlackhole].map((route): [unknown, unknown] => [
    ...([route, { outcome: 'withdrawn', rule: resources.EXAMPLE_RULE }] as const),
  ]),
  [ROUTES.templates, resources.EXAMPLE_TEMPLATES],
  ...[ROUTES.applyTemplate, ROUTES.applyPack].map((route): [unknown, unknown] => [
    ...([route, resources.EXAMPLE_PACK] as const),
  ]),
  [ROUTES.addBlackhole, resources.EXAMPLE_RULE_MADE],
  [ROUTES.panic, resources.EXAMPLE_PANIC],
  [ROUTES.protection, protection.EXAMPLE_PROTECTION],
  [ROUTES.protectionProfile, protection.EXAMPLE_PROFILE],
  [ROUTES.protectionFor, { profile: protection.EXAMPLE_PROFILE }],
  [ROUTES.protectionIncidents, { incidents: [protection.EXAMPLE_INCIDENT] }],
  [ROUTES.protectionCounters, protection.EXAMPLE_PROTECTION_COUNTERS],
  [ROUTES.previewProtection, protection.EXAMPLE_PROTECTION_PREVIEW],
  [ROUTES.switchProtection, protection.EXAMPLE_SWITCHED],
  [ROUTES.blockedSources, protection.EXAMPLE_BLOCKED],
  [ROUTES.blockSources, protection.EXAMPLE_SOURCES_BLOCKED],
  [ROUTES.unblockSource, { source: '192.0.2.7', wasBlocked: true }],
  [ROUTES.protectionBackup, protection.EXAMPLE_PROTECTION_BACKUP],
  [ROUTES.restoreProtection, { switches: 1, notes: [] }],
  [ROUTES.inventory, resources.EXAMPLE_SECTION],
  [ROUTES.playbooks, resources.EXAMPLE_SECTION],
  [ROUTES.users, { users: [access.EXAMPLE_USER] }],
  ...[ROUTES.addUser, ROUTES.changeUser, ROUTES.removeUser, ROUTES.setPassword].map(
    (route): [unknown, unknown] => [route, access.EXAMPLE_USER],
  ),
  [ROUTES.tokens, { tokens: [access.EXAMPLE_TOKEN] }],
  [ROUTES.addToken, access.EXAMPLE_NEW_TOKEN],
  [ROUTES.revokeToken, access.EXAMPLE_TOKEN],
])

const ARMED: Arming = {
  ...EXAMPLE_ARMING,
  ...{ armed: true, from: 'order', orderedBy: 'uid:0', orderedAt: '2026-11-20T10:00:00.000Z' },
  changes: EXAMPLE_ARMING.changes.map(change => ({ ...change, announce: [], withdraw: change.announce })),
}

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
  /** Sockets and inputs of calls to the daemon, and options of local verbs. */
  readonly asked: readonly unknown[]
}

interface RunChanges {
  readonly failure?: Failure
  readonly verbs?: Partial<LocalVerbs>
  readonly answer?: string
  readonly armed?: boolean
  readonly secrets?: Secret[]
}

/** A line whose words have no blanks in them. */
export const run = (line: string, changes: RunChanges = {}): Promise<Ran> =>
  runWords(line === '' ? [] : line.split(' '), changes)

export async function runWords(words: readonly string[], changes: RunChanges = {}): Promise<Ran> {
  let out = ''
  let err = ''
  const asked: unknown[] = []
  const verb = async (options: unknown) => asked.push(options) && 0
  const verbs: LocalVerbs = {
    run: verb,
    check: verb,
    replay: verb,
    distill: verb,
    rulePost: verb,
    decodeAttack: verb,
    mitigator: verb,
    scriptTest: verb,
    protect: verb,
    protectPreset: verb,
    simulate: async options => {
      asked.push(options)
      return EXAMPLE_SIMULATION
    },
    doctor: verb,
    top: verb,
    ...{ verifyAudit: verb, backup: verb, restore: verb },
    ruleFiles: async () => ({ rules: [], problems: [] }),
    ...changes.verbs,
  }
  const call = async (route: unknown, input: unknown): Promise<Reply<unknown>> => {
    asked.push(input)
    const { failure } = changes
    const armed = changes.armed === true && route === ROUTES.arming
    const value = armed ? ARMED : ANSWERS.get(route)
    return failure === undefined ? { kind: 'ok', value } : { kind: 'failed', failure }
  }
  const io: Io = {
    environment: { HOME: '/home/ann' },
    uid: 1000,
    out: text => {
      out += text
    },
    err: text => {
      err += text
    },
    question: async text => {
      asked.push(text)
      return changes.answer
    },
    secret: async text => {
      asked.push(text)
      return changes.secrets?.shift()
    },
    connect: door => {
      asked.push(door.kind === 'socket' ? door.path : door)
      return { call: call as Client['call'] }
    },
  }
  const code = await runCommandLine([...words], verbs, io)
  return { code, out, err, asked }
}
