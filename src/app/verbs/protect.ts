// The verbs `protect …`: profiles of a file, carried out on this machine by nftables, without a daemon.

import { Nftables } from '#8-enforcement/nftables/driver.ts'
import { nftProgram } from '#8-enforcement/nftables/nft-program.ts'
import { PLACE, type ProtectionPlace } from '#8-enforcement/nftables/place.ts'
import { blockedText, countersText } from '../protect/protect-text.ts'
import { readProfiles } from '../protect/read-profiles.ts'

/** What is asked for. What changes something does so only with `isSure`. */
export type ProtectRequest =
  | { readonly kind: 'preview'; readonly file: string }
  | {
      readonly kind: 'apply'
      readonly file: string
      readonly isSure: boolean
      readonly maySetKernel: boolean
    }
  | { readonly kind: 'remove'; readonly isSure: boolean }
  | {
      readonly kind: 'block'
      readonly profile: string
      readonly sources: readonly string[]
      readonly isSure: boolean
    }
  | { readonly kind: 'counters'; readonly json: boolean }
  | { readonly kind: 'blocked'; readonly json: boolean }

interface Output {
  out(text: string): void
  err(text: string): void
}

/** Exit code 0 when it was done, or would be; 1 with the reason when it was refused. */
export async function protect(request: ProtectRequest, output: Output): Promise<number> {
  switch (request.kind) {
    case 'preview':
      return preview(request.file, output)
    case 'apply':
      return apply(request, output)
    case 'remove':
      if (!request.isSure) return unsure('all that Floodwarden put into nftables would be removed', output)
      return told(await driver(PLACE, true).remove(), 'removed', 'there was nothing of ours', output)
    case 'block': {
      const { profile, sources, isSure } = request
      if (!isSure) return unsure(`${sources.join(' ')} would be blocked for ${profile}`, output)
      return told(await driver(PLACE).block(profile, sources), 'blocked', 'nothing to block', output)
    }
    case 'counters': {
      const answer = await driver(PLACE).counters()
      if (answer.kind === 'failed') return complain(answer.error, output)
      output.out(request.json ? jsonText({ counters: answer.counters }) : countersText(answer.counters))
      return 0
    }
    case 'blocked': {
      const answer = await driver(PLACE).blocked()
      if (answer.kind === 'failed') return complain(answer.error, output)
      output.out(request.json ? jsonText({ sources: answer.sources }) : blockedText(answer.sources))
      return 0
    }
  }
}

const driver = (place: ProtectionPlace, maySetKernel = false): Nftables =>
  new Nftables({ place, run: nftProgram(), maySetKernel })

const jsonText = (facts: unknown): string => `${JSON.stringify(facts, null, 2)}\n`

function preview(file: string, output: Output): number {
  const read = readProfiles(file)
  if (read.kind === 'refused') return complain(read.problems.join('\n'), output)
  output.out(driver(read.place).preview(read.desired))
  return 0
}

async function apply(
  { file, isSure, maySetKernel }: Extract<ProtectRequest, { kind: 'apply' }>,
  output: Output,
): Promise<number> {
  const read = readProfiles(file)
  if (read.kind === 'refused') return complain(read.problems.join('\n'), output)
  const nftables = driver(read.place, maySetKernel)
  if (isSure) return told(await nftables.apply(read.desired), 'applied', 'nothing to do', output)
  const checked = await nftables.check(read.desired)
  if (checked.kind === 'failed') return complain(checked.error, output)
  for (const note of checked.notes) output.err(`floodwarden: note: ${note}\n`)
  const names = read.desired.filter(({ isOn }) => isOn).map(({ profile }) => profile.id)
  return unsure(`nft accepts it; the profiles ${names.join(', ') || '(none)'} would be carried out`, output)
}

function unsure(what: string, output: Output): number {
  output.out(`dry run: ${what}; nothing was changed. Add --yes to do it.\n`)
  return 0
}

function told(
  outcome: Awaited<ReturnType<Nftables['apply']>>,
  done: string,
  unchanged: string,
  output: Output,
): number {
  if (outcome.kind === 'failed') return complain(outcome.error, output)
  for (const note of outcome.notes) output.err(`floodwarden: note: ${note}\n`)
  output.out(`${outcome.isChanged ? done : unchanged}\n`)
  return 0
}

function complain(problem: string, output: Output): number {
  output.err(`floodwarden: ${problem}\n`)
  return 1
}
