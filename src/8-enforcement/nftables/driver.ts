// Carries protection profiles out on this machine: one table of nftables, put in place as a whole, listed back, counted,
// and taken away. Nothing outside of that table is ever written, but for settings of the kernel by consent.

import type { DesiredProfile } from '#7-mitigation/protection/profile.ts'
import { blockLines, unblockLines } from './blocked-sources.ts'
import { type Compiled, compile } from './compile.ts'
import {
  type Before,
  beforeOf,
  KERNEL,
  type KernelSettings,
  markOf,
  settingsFor,
  settingText,
  wrongSettings,
} from './kernel-settings.ts'
import { type ListedSet, type ListedTable, readListing } from './listing.ts'
import { readName, TABLE } from './names.ts'
import { isAbsent, type NftAnswer, type RunNft } from './nft-program.ts'
import type { ProtectionPlace } from './place.ts'
import {
  type Blocked,
  blockedOf,
  countersOf,
  isList,
  isSame,
  keptOf,
  type ProfileCounters,
} from './read-back.ts'
import { isEmpty, printRuleset, REMOVAL, type Ruleset } from './ruleset.ts'

export type Applied =
  | {
      readonly kind: 'done'
      /** False: what is held was as desired already. */
      readonly isChanged: boolean
      /** What of it is not carried out, and what to do about it. */
      readonly notes: readonly string[]
    }
  | { readonly kind: 'failed'; readonly error: string }

export type Answer<Key extends string, Value> =
  | ({ readonly kind: 'done' } & { readonly [K in Key]: Value })
  | { readonly kind: 'failed'; readonly error: string }

export interface NftablesOptions {
  readonly place: ProtectionPlace
  readonly run: RunNft
  /** Settings of the kernel that a SYN proxy needs may be changed. */
  readonly maySetKernel: boolean
  readonly kernel?: KernelSettings
}

type Planned =
  | {
      readonly kind: 'planned'
      readonly ruleset: Ruleset
      readonly notes: readonly string[]
      readonly toSet: readonly Before[]
    }
  | { readonly kind: 'failed'; readonly error: string }

interface Held {
  readonly text: string
  readonly structure: string
  readonly ruleset: Ruleset
}

export class Nftables {
  readonly #options: NftablesOptions
  readonly #kernel: KernelSettings
  /** What was put in place by this object, to tell whether somebody has changed it. */
  #held: Held | undefined
  /** One at a time: a transaction must not be made from what another is just changing. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: NftablesOptions) {
    this.#options = options
    this.#kernel = options.kernel ?? KERNEL
  }

  /** The transaction that `apply` would send if nothing of ours were in place; a refusal as comments. */
  preview(desired: readonly DesiredProfile[]): string {
    const compiled = compile(desired, this.#options.place)
    if (compiled.kind === 'refused') return compiled.problems.map(problem => `# ${problem}\n`).join('')
    const notes = compiled.notes.map(note => `# ${note}\n`).join('')
    return isEmpty(compiled.ruleset)
      ? `${notes}# nothing is desired\n`
      : notes + printRuleset(compiled.ruleset)
  }

  /**
   * Makes what is held equal to what is desired; whatever differs is put right. Sources that are blocked stay so for
   * their time, and counters go on. Never rejects.
   */
  apply(desired: readonly DesiredProfile[]): Promise<Applied> {
    return this.#inTurn(() => this.#apply(desired))
  }

  /**
   * Whether what this object put in place is there as it was, but for elements of sets: a look that costs the same however
   * long lists are. Never rejects.
   */
  looksUntouched(): Promise<Answer<'isUntouched', boolean>> {
    return this.#inTurn(async () => {
      const listed = await this.#list()
      if (listed.kind === 'failed') return listed
      const isUntouched = this.#held !== undefined && listed.table?.structure === this.#held.structure
      return { kind: 'done', isUntouched }
    })
  }

  /** Whether nft would take what is desired; nothing is changed. Never rejects. */
  check(desired: readonly DesiredProfile[]): Promise<Applied> {
    return this.#inTurn(async () => {
      const planned = this.#plan(desired, [])
      if (planned.kind === 'failed') return planned
      const { ruleset, notes } = planned
      const ran = await this.#options.run({ argv: ['-c', '-f', '-'], input: printRuleset(ruleset) })
      return ran.kind === 'failed' ? ran : { kind: 'done', isChanged: false, notes }
    })
  }

  /** Everything of ours is gone afterwards, and settings of the kernel are as they were. Never rejects. */
  remove(): Promise<Applied> {
    return this.#inTurn(async () => {
      // What we put there ourselves need not be listed to be removed.
      if (this.#held !== undefined) return this.#delete(this.#held.ruleset.chains.map(({ name }) => name))
      const listed = await this.#list()
      return listed.kind === 'failed' ? listed : this.#removeListed(listed.table)
    })
  }

  /** What each countermeasure did since it was first applied. Never rejects. */
  async counters(): Promise<Answer<'counters', readonly ProfileCounters[]>> {
    const listed = await this.#list()
    if (listed.kind === 'failed') return listed
    if (listed.table === undefined) return { kind: 'done', counters: [] }
    const lists = await this.#elementsOf(listed.table, isList)
    if (lists.kind === 'failed') return lists
    return { kind: 'done', counters: countersOf(listed.table, lists.sets) }
  }

  /** The same without sources: its cost does not grow with lists. Never rejects. */
  async counts(): Promise<Answer<'counters', readonly ProfileCounters[]>> {
    const listed = await this.#list()
    if (listed.kind === 'failed') return listed
    return { kind: 'done', counters: listed.table === undefined ? [] : countersOf(listed.table, []) }
  }

  /** Sources that are blocked for a time. Never rejects. */
  async blocked(): Promise<Answer<'sources', readonly Blocked[]>> {
    const listed = await this.#list()
    if (listed.kind === 'failed') return listed
    const lists = await this.#elementsOf(listed.table, isList)
    return lists.kind === 'failed' ? lists : { kind: 'done', sources: lists.sets.flatMap(blockedOf) }
  }

  /**
   * Puts sources onto the temporary blacklist of a profile that is in place, each for its time; missing: the list's own.
   * Never rejects.
   */
  block(profile: string, sources: readonly string[], seconds: readonly number[] = []): Promise<Applied> {
    return this.#inTurn(async () => {
      const { lines, wrong } = blockLines(profile, sources, seconds)
      if (wrong !== undefined) return { kind: 'failed', error: wrong }
      const ran = await this.#options.run({ argv: ['-f', '-'], input: `${lines.join('\n')}\n` })
      if (ran.kind === 'failed') {
        const error = `profile ${profile} has no temporary blacklist in place, or it is full: ${ran.error}`
        return { kind: 'failed', error }
      }
      return { kind: 'done', isChanged: true, notes: [] }
    })
  }

  /** Takes sources off all lists of a profile that end by themselves; gives how many were on one. Never rejects. */
  unblock(profile: string, sources: readonly string[]): Promise<Answer<'count', number>> {
    return this.#inTurn(async () => {
      const listed = await this.#list()
      if (listed.kind === 'failed') return listed
      const lists = await this.#elementsOf(
        listed.table,
        name => isList(name) && readName(name)?.profile === profile,
      )
      if (lists.kind === 'failed') return lists
      const { lines, count, wrong } = unblockLines(lists.sets, sources)
      if (wrong !== undefined) return { kind: 'failed', error: wrong }
      if (count === 0) return { kind: 'done', count }
      const ran = await this.#options.run({ argv: ['-f', '-'], input: `${lines.join('\n')}\n` })
      return ran.kind === 'failed' ? ran : { kind: 'done', count }
    })
  }

  #inTurn<Value>(act: () => Promise<Value>): Promise<Value> {
    const turn = this.#last.then(act)
    this.#last = turn.catch(() => {})
    return turn
  }

  async #apply(desired: readonly DesiredProfile[]): Promise<Applied> {
    const listed = await this.#list()
    if (listed.kind === 'failed') return listed
    const { table } = listed
    const before = table === undefined ? [] : beforeOf(table.chains)
    const planned = this.#plan(desired, before)
    if (planned.kind === 'failed') return planned
    const { ruleset, notes, toSet } = planned
    if (isEmpty(ruleset)) {
      const removed = await this.#removeListed(table)
      return removed.kind === 'failed' ? removed : { ...removed, notes: [...notes, ...removed.notes] }
    }
    const text = printRuleset(ruleset)
    if (toSet.length === 0 && (await this.#isHeld(text, table)))
      return { kind: 'done', isChanged: false, notes }
    return this.#replace(ruleset, table, { text, notes, toSet })
  }

  /** What is to be in place, as far as the kernel is set for it or may be set. */
  #plan(desired: readonly DesiredProfile[], before: readonly Before[]): Planned {
    const { place, maySetKernel } = this.#options
    const whole = compile(desired, place)
    if (whole.kind === 'refused') return refusal(whole)
    const wanted = settingsFor(whole.synProxy)
    const wrong = wrongSettings(wanted, this.#kernel)
    const missing = wrong.filter(({ path }) => this.#kernel.read(path) === undefined)
    if (wrong.length > 0 && (!maySetKernel || missing.length > 0)) {
      const rest = compile(desired, place, true)
      if (rest.kind === 'refused') return refusal(rest)
      const advice =
        missing.length > 0
          ? 'load nf_conntrack, then apply again'
          : `allow it to set the kernel, or do so: ${wrong.map(settingText).join(', ')}`
      const note = `syn-proxy is left out, for the kernel is not set for it: ${advice}`
      return { ...this.#marked(rest, before), notes: [...rest.notes, note], toSet: [] }
    }
    const toSet = wrong.map(({ path, wanted: value }) => ({ path, value }))
    const were = toSet.map(({ path }) => ({ path, value: this.#kernel.read(path) ?? '' }))
    // What is noted already is from before us; what we find now may be our own doing.
    const noted = before.filter(({ path }) => wanted.some(setting => setting.path === path))
    const kept = [...noted, ...were.filter(({ path }) => noted.every(one => one.path !== path))]
    return { ...this.#marked(whole, kept), notes: whole.notes, toSet }
  }

  #marked({ ruleset }: Extract<Compiled, { kind: 'compiled' }>, before: readonly Before[]) {
    const marks = isEmpty(ruleset) ? [] : before.map(one => ({ name: markOf(one), rules: [] }))
    return { kind: 'planned' as const, ruleset: { ...ruleset, chains: [...ruleset.chains, ...marks] } }
  }

  /** Whether it is in place, put there by us, and nobody has touched it since. */
  async #isHeld(text: string, table: ListedTable | undefined): Promise<boolean> {
    if (table === undefined || this.#held?.text !== text || this.#held.structure !== table.structure)
      return false
    const told = new Map(
      this.#held.ruleset.sets
        .filter(({ kind }) => kind === 'addresses' || kind === 'prefixes')
        .map(({ name, elements }) => [name, elements]),
    )
    const listed = await this.#elementsOf(table, name => told.has(name))
    if (listed.kind === 'failed') return false
    return listed.sets.every(({ name, elements }) => isSame(told.get(name) ?? [], elements))
  }

  async #replace(
    ruleset: Ruleset,
    table: ListedTable | undefined,
    {
      text,
      notes,
      toSet,
    }: { readonly text: string; readonly notes: readonly string[]; readonly toSet: readonly Before[] },
  ): Promise<Applied> {
    this.#held = undefined
    const lists = await this.#elementsOf(table, isList)
    if (lists.kind === 'failed') return lists
    const input = table === undefined ? text : printRuleset(ruleset, keptOf(table, lists.sets))
    const ran = await this.#options.run({ argv: ['-f', '-'], input })
    if (ran.kind === 'failed') return ran
    const unset = toSet.flatMap(({ path, value }) => {
      const error = this.#kernel.write(path, value)
      return error === undefined ? [] : [`net/${path} could not be set to ${value}: ${error}`]
    })
    const gone = table === undefined ? [] : this.#putBack(beforeOf(table.chains), ruleset)
    const after = await this.#list()
    if (after.kind === 'failed') return after
    if (after.table === undefined)
      return { kind: 'failed', error: `the table ${TABLE} is gone again: somebody else removes it` }
    this.#held = { text, structure: after.table.structure, ruleset }
    return { kind: 'done', isChanged: true, notes: [...notes, ...unset, ...gone] }
  }

  /** Settings that the new ruleset needs no longer. */
  #putBack(before: readonly Before[], ruleset: Ruleset | undefined): string[] {
    const kept = new Set(ruleset?.chains.map(({ name }) => name))
    return before
      .filter(one => !kept.has(markOf(one)))
      .flatMap(({ path, value }) => {
        const error = this.#kernel.write(path, value)
        return error === undefined ? [] : [`net/${path} could not be put back to ${value}: ${error}`]
      })
  }

  async #removeListed(table: ListedTable | undefined): Promise<Applied> {
    this.#held = undefined
    return table === undefined ? { kind: 'done', isChanged: false, notes: [] } : this.#delete(table.chains)
  }

  /** `chains` tell what settings of the kernel were. */
  async #delete(chains: readonly string[]): Promise<Applied> {
    this.#held = undefined
    const ran = await this.#options.run({ argv: ['-f', '-'], input: REMOVAL })
    if (ran.kind === 'failed') return ran
    return { kind: 'done', isChanged: true, notes: this.#putBack(beforeOf(chains), undefined) }
  }

  /** Without elements: a list may be long. */
  async #list(): Promise<
    | { readonly kind: 'listed'; readonly table: ListedTable | undefined }
    | { readonly kind: 'failed'; readonly error: string }
  > {
    const ran = await this.#options.run({ argv: ['-j', '-t', 'list', 'table', 'inet', TABLE] })
    if (ran.kind === 'failed') return isAbsent(ran) ? { kind: 'listed', table: undefined } : ran
    const table = readListing(ran.text)
    return table === undefined ? UNREADABLE : { kind: 'listed', table }
  }

  async #elementsOf(
    table: ListedTable | undefined,
    isWanted: (name: string) => boolean,
  ): Promise<
    { readonly kind: 'done'; readonly sets: readonly ListedSet[] } | Extract<NftAnswer, { kind: 'failed' }>
  > {
    const sets: ListedSet[] = []
    for (const { name } of table?.sets ?? []) {
      if (!isWanted(name)) continue
      const ran = await this.#options.run({ argv: ['-j', 'list', 'set', 'inet', TABLE, name] })
      if (ran.kind === 'failed') return ran
      const read = readListing(ran.text)
      if (read === undefined) return UNREADABLE
      sets.push(...read.sets)
    }
    return { kind: 'done', sets }
  }
}

const UNREADABLE = {
  kind: 'failed' as const,
  error: 'nft did not answer in its JSON: a release of nftables that was built with JSON is needed',
}

const refusal = ({ problems }: Extract<Compiled, { kind: 'refused' }>) => ({
  kind: 'failed' as const,
  error: problems.slice(0, 10).join('\n'),
})
