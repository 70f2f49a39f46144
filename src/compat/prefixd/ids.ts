// Identifiers as prefixd's clients know them: a mitigation of theirs is an attack of ours with what is done about it.

import { SteadyMap } from '#lib/hash/steady-map.ts'
import { uuidOfName } from '#lib/uuid.ts'

/** The UUID of an attack, always the same: version 8 (RFC 9562, section 5.8), of its identifier. */
export const uuidOf = (attackId: string): string => uuidOfName(attackId)

export const NIL_UUID = '00000000-0000-0000-0000-000000000000'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** In the form in which `uuidOf` gives it; `undefined`: it is no UUID at all. Upper case and no hyphens are fine. */
export function readUuid(text: string): string | undefined {
  const plain = text.toLowerCase()
  const whole = /^[0-9a-f]{32}$/.test(plain)
    ? plain.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    : plain
  return UUID.test(whole) ? whole : undefined
}

/** Whether an attack of ours can have it. */
export const canBeOurs = (uuid: string): boolean => UUID.exec(uuid)?.[1] === '8'

/** Attacks that are remembered by their UUID; of more the oldest go, and are looked for in the archive. */
const REMEMBERED_MAX = 20_000

/** The way back from UUIDs that were told. */
export class AttackIds {
  readonly #attacks = new SteadyMap<string>()
  readonly #uuids = new SteadyMap<string>()

  /** The UUID of an attack, which is remembered from now on. */
  tell(attackId: string): string {
    const known = this.#uuids.get(attackId)
    if (known !== undefined) return known
    const uuid = uuidOf(attackId)
    this.#uuids.set(attackId, uuid)
    this.#attacks.set(uuid, attackId)
    if (this.#attacks.size <= REMEMBERED_MAX) return uuid
    const oldest = this.#attacks.oldestBeside(uuid)
    if (oldest === undefined) return uuid
    this.#uuids.delete(this.#attacks.get(oldest) ?? '')
    this.#attacks.delete(oldest)
    return uuid
  }

  attackOf(uuid: string): string | undefined {
    return this.#attacks.get(uuid)
  }
}
