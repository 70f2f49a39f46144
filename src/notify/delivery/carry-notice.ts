// A notice told to a service by HTTP: as a new message, as an edit of the one before, or as an answer in its thread.
//
// Updates edit, so that nobody is rung for them; what got worse and what is over is a message of its own, and the first one
// is put right as well. A message that is gone is written anew.

import type { Fetched, SafeRequest } from '#lib/safe-fetch.ts'
import type { Notice } from '../notice/notice.ts'
import type { Spoken } from '../notice/spoken.ts'
import { discordEdit, discordPost } from '../webhook/discord.ts'
import { opsgenieNote, opsgenieRequest } from '../webhook/opsgenie.ts'
import { pagerdutyRequest } from '../webhook/pagerduty.ts'
import { noticeBody, signedRequest } from '../webhook/signed-webhook.ts'
import { slackEdit, slackPost, slackRequest } from '../webhook/slack.ts'
import { teamsRequest } from '../webhook/teams.ts'
import { telegramEdit, telegramRequest } from '../webhook/telegram.ts'
import { type Carried, carriedBy } from './carrier.ts'
import type { NoticeService } from './notice-target.ts'

export interface NoticeToCarry {
  readonly notice: Notice
  readonly spoken: Spoken
  /** By what an earlier message of the same group is found. */
  readonly thread: string | undefined
  readonly nowMs: number
}

type Fetch = (request: SafeRequest) => Promise<Fetched>

/** Of services that can edit: how to post (perhaps as an answer), how to edit, and how to find the message again. */
interface Editable {
  readonly post: (thread: string | undefined) => SafeRequest
  readonly edit: (thread: string) => SafeRequest
  readonly threadOf: (answer: unknown) => string | undefined
  /** What a failure says that HTTP does not. */
  readonly faultOf?: (answer: unknown) => Carried | undefined
}

export async function carryNotice(to: NoticeToCarry, service: NoticeService, fetch: Fetch): Promise<Carried> {
  const editable = editableOf(to, service)
  if (editable !== undefined) return await carryEditable(to, editable, fetch)
  const carried = carriedBy(await fetch(plainRequest(to, service)))
  // Its alerts are found by an alias that we choose: what counts is that there is one.
  return carried.kind === 'taken' && service.type === 'opsgenie' ? { ...carried, thread: 'alias' } : carried
}

/** What is sent as a new message; for a preview too. */
export function plainRequest(
  { notice, spoken, thread, nowMs }: NoticeToCarry,
  service: NoticeService,
): SafeRequest {
  switch (service.type) {
    case 'slack':
      return slackRequest(spoken, service)
    case 'slack-bot':
      return slackPost(spoken, service)
    case 'discord':
      return discordPost(spoken, service)
    case 'teams':
      return teamsRequest(spoken, { url: service.url })
    case 'telegram':
      return telegramRequest(spoken, service)
    case 'pagerduty':
      return pagerdutyRequest(spoken, service)
    case 'opsgenie': {
      const goesOn = thread !== undefined && !spoken.isEnd
      return goesOn ? opsgenieNote(spoken, service) : opsgenieRequest(spoken, service)
    }
    case 'generic':
      return signedRequest(noticeBody(notice, spoken, spoken.link), notice.id, service, nowMs)
  }
}

function editableOf({ spoken }: NoticeToCarry, service: NoticeService): Editable | undefined {
  switch (service.type) {
    case 'slack-bot':
      return {
        post: thread => slackPost(spoken, service, thread),
        edit: thread => slackEdit(spoken, service, thread),
        threadOf: answer => wordsOf(answer, ['channel', 'ts']),
        faultOf: slackFault,
      }
    case 'discord':
      return {
        // A webhook can answer nothing: it posts.
        post: () => discordPost(spoken, service),
        edit: thread => discordEdit(spoken, service, thread),
        threadOf: answer => wordsOf(answer, ['id']),
      }
    case 'telegram':
      return {
        post: thread => telegramRequest(spoken, service, thread),
        edit: thread => telegramEdit(spoken, service, thread),
        threadOf: answer => wordsOf(Object(answer)?.result, ['message_id']),
      }
    default:
      return undefined
  }
}

async function carryEditable(
  { notice, thread }: NoticeToCarry,
  service: Editable,
  fetch: Fetch,
): Promise<Carried> {
  if (thread !== undefined && notice.kind === 'updated') {
    const edited = await ask(service.edit(thread), service, fetch)
    if (edited.kind !== 'refused') return edited
  }
  const posted = await ask(service.post(thread), service, fetch)
  if (posted.kind !== 'taken' || thread === undefined || notice.kind === 'updated') return posted
  // The news is out; the first message is put right where that is possible.
  await ask(service.edit(thread), service, fetch)
  return { kind: 'taken', thread }
}

async function ask(request: SafeRequest, service: Editable, fetch: Fetch): Promise<Carried> {
  const answer = await fetch(request)
  const carried = carriedBy(answer)
  if (answer.kind !== 'answered') return carried
  const told = parsed(answer.body)
  if (carried.kind !== 'taken') return isUnchanged(told) ? { kind: 'taken' } : carried
  const fault = service.faultOf?.(told)
  if (fault !== undefined) return fault
  const thread = service.threadOf(told)
  return { kind: 'taken', ...(thread === undefined ? {} : { thread }) }
}

/** Telegram refuses an edit that changes nothing. */
const isUnchanged = (answer: unknown): boolean =>
  String(Object(answer)?.description ?? '').includes('message is not modified')

const PASSING = new Set([
  'ratelimited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
])

/** Slack says what went wrong in a 200. The word is one of its list, and quotes nothing. */
function slackFault(answer: unknown): Carried | undefined {
  const { ok, error } = Object(answer) as { ok?: unknown; error?: unknown }
  if (ok === true) return undefined
  const word = typeof error === 'string' && /^[a-z_]{1,64}$/.test(error) ? error : 'no answer of its API'
  return { kind: PASSING.has(word) ? 'later' : 'refused', error: `Slack says ${word}` }
}

function wordsOf(answer: unknown, keys: readonly string[]): string | undefined {
  const words = keys.map(key => Object(answer)[key] as unknown)
  const isFine = words.every(word => /^[\w.:-]{1,64}$/.test(String(word ?? '')))
  return isFine ? words.join(' ') : undefined
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
