// What goes between the main thread and the engine worker: requests with their answers, and events as they happen.

import type { CountedSource } from '#3-traffic/speed.ts'
import type { OpenAttack } from '#4-detection/attack.ts'
import type { HostFacts } from '#api/contract/explain.ts'
import type { PreviewTraffic } from '#api/contract/rule-preview.ts'
import type { Sort } from '#api/contract/values.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { EngineEvent } from '../engine-event.ts'
import type { Measured } from '../learning/learning-room.ts'
import type { PreviewAsk } from '../preview-rule.ts'
import type { PrefixTraffic } from '../protection/threshold-room.ts'
import type { Sides } from '../traffic-view.ts'
import type { EngineFacts } from './engine-facts.ts'
import type { HostPortion, HostTable } from './host-table.ts'
import type { NetworkRows } from './network-rows.ts'
import type { Rates, RatesKnown } from './rates.ts'

/** What the engine worker is given when it starts. Counters go through shared memory. */
export interface EngineTask {
  readonly config: ResolvedConfig
  readonly sources: readonly CountedSource[]
  /** The main thread's word for how many messages of events it has taken: the worker sends no more than a bound ahead. */
  readonly taken: Int32Array<SharedArrayBuffer>
  /** When counting began, by `steadyMs`. */
  readonly countsFromMs: number
}

/** Each request by name: what is asked, and what is answered. Hosts are canonical address text; what is unbanned is named as its attack is. */
export interface EngineRequests {
  /** Takes over attacks that were open when the program ended. Answers with the ids of those whose hosts have newer ones. */
  restore: { ask: { readonly attacks: readonly OpenAttack[] }; answer: readonly string[] }
  /** Begins to tick. */
  begin: { ask: Record<string, never>; answer: undefined }
  /** Goes on by another configuration; answers with the attacks that ended because of it. */
  reconfigure: { ask: { readonly config: ResolvedConfig }; answer: readonly EngineEvent[] }
  /** Answers with what happened: nothing when the host has an open attack already. */
  ban: {
    ask: { readonly host: string; readonly seconds: number | undefined }
    answer: readonly EngineEvent[]
  }
  /** Answers with what happened: nothing when the host has no open attack. */
  unban: { ask: { readonly host: string }; answer: readonly EngineEvent[] }
  /** Of one IP version, or of both. */
  traffic: {
    ask: { readonly sort: Sort; readonly limit: number; readonly family?: 4 | 6 | undefined }
    answer: Sides
  }
  /** What is known of one host. */
  explain: { ask: { readonly host: string }; answer: HostFacts }
  /** What a rule would have matched of the last minute. */
  preview: { ask: PreviewAsk; answer: PreviewTraffic }
  facts: { ask: Record<string, never>; answer: EngineFacts }
  /** What calm traffic did since this was asked last. */
  measured: { ask: Record<string, never>; answer: Measured }
  /** Hosts with traffic and their speeds, a portion at a time, for exporters. */
  hosts: { ask: HostPortion; answer: HostTable }
  /** Our networks and their speeds as wholes. */
  networks: { ask: Record<string, never>; answer: NetworkRows }
  /** Rates now, for whoever keeps them. */
  rates: { ask: { readonly known: RatesKnown }; answer: Rates }
  prefixTraffic: { ask: { readonly lists: readonly (readonly string[])[] }; answer: readonly PrefixTraffic[] }
}

export type RequestName = keyof EngineRequests
export type Ask<Name extends RequestName> = EngineRequests[Name]['ask']
export type AnswerOf<Name extends RequestName> = EngineRequests[Name]['answer']

/** To the worker. */
export interface RequestMessage<Name extends RequestName = RequestName> {
  readonly id: number
  readonly name: Name
  readonly ask: Ask<Name>
}

/** To the main thread. */
export type EngineMessage =
  | { readonly kind: 'events'; readonly events: readonly EngineEvent[] }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  /** Once a second. */
  | { readonly kind: 'facts'; readonly facts: EngineFacts }
  /** Ticks became longer or shorter, because they cost this share of a core. */
  | { readonly kind: 'pace'; readonly tickMs: number; readonly share: number }
