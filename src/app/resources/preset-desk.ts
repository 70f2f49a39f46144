// The usual preset of a protection profile by the API: what it lacks, and all of it written into the configuration file.

import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { PresetRequest, PresetWritten, ProtectionPreset } from '#api/contract/protection-preset.ts'
import type { Caller, Done } from '#api/control.ts'
import type { PresetDesk as Desk, PresetRefusal } from '#api/protection-desk.ts'
import { actorOf } from '../actor.ts'
import type { LoadOptions } from '../config/load.ts'
import { presetParts, withPreset } from '../protection/preset.ts'
import { madeBy, openConfigFile, putInForce, refusedBy } from './config-file.ts'
import type { SectionDeskOptions } from './section-desk.ts'

export interface PresetDeskOptions extends Pick<SectionDeskOptions, 'reload' | 'now'> {
  /** How the daemon reads its configuration. */
  readonly loading: LoadOptions
  readonly store: Pick<MitigationStore, 'record'>
}

type Open = Extract<ReturnType<PresetDesk['open']>, { kind: 'open' }>

export class PresetDesk implements Desk {
  readonly #options: PresetDeskOptions

  constructor(options: PresetDeskOptions) {
    this.#options = options
  }

  preset(id: string): Done<ProtectionPreset, PresetRefusal> {
    const open = this.open(id)
    if (open.kind === 'refused') return open
    return { kind: 'done', value: { profile: id, parts: [...open.parts] } }
  }

  async write({ id, reason }: PresetRequest, by: Caller): Promise<Done<PresetWritten, PresetRefusal>> {
    const open = this.open(id)
    if (open.kind === 'refused') return open
    const { file, parts } = open
    const added = parts.filter(({ state }) => state === 'missing').map(({ name }) => name)
    if (added.length === 0) return { kind: 'done', value: { added, file } }
    const put = await this.#put(open, id, by)
    const outcome = put.kind === 'done' ? 'done' : 'refused'
    const what = put.kind === 'done' ? `the preset of ${id} is written` : put.detail
    const { store, now } = this.#options
    store.record({
      ...{ at: now(), who: actorOf(by), what: 'configure', target: id, attackId: '', outcome },
      ...{ mitigationId: undefined, reason: `${what}: ${reason}` },
    })
    if (put.kind === 'refused') return put
    const { backup, reload } = put
    return { kind: 'done', value: { added, file, backup, reload } }
  }

  async #put({ loaded, file, text, parts }: Open, id: string, by: Caller) {
    const { loading, reload } = this.#options
    const made = madeBy(loading, 'the preset', () => withPreset(text, loaded.config, id, parts))
    if (made.kind === 'refused') return refusedBy(made.problems, made.problem)
    return await putInForce({ file, before: text, text: made.text }, () => reload(by))
  }

  /** The file, when it may be written, and what of the preset a profile has in it. */
  open(id: string) {
    const opened = openConfigFile(this.#options.loading)
    if (opened.kind === 'refused') return opened
    const preset = presetParts(opened.loaded.config, id)
    return preset.kind === 'refused'
      ? ({ kind: 'refused', code: 'protection-not-possible', detail: preset.error } as const)
      : { ...opened, parts: preset.parts }
  }
}
