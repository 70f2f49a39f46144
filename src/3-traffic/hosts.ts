// Hosts as the reader of the counters sees them: one number per host whatever workers count it, its address, and its slot
// in each worker's tables. A host is let go when its worker took the slot back.

import type { Address } from '#lib/ip/address.ts'
import { type HostTables, hasTraffic, PAGE_FREE, PAGE_SLOTS, PAGE_V4, PAGE_V6 } from './host-tables.ts'
import { addressOfWord, addressOfWords } from './network-table.ts'

/** Told when a host comes and goes, so that whoever keeps numbers by host can begin and end with it. */
export interface HostListener {
  attached(host: number, address: Address): void
  detached(host: number): void
}

export class Hosts {
  readonly #workers: readonly HostTables[]
  readonly #listener: HostListener
  readonly #entered: (worker: number, slot: number) => void
  /** By worker and slot: the host it counts, 0 for none yet, and the slot's generation at that time. */
  readonly #hostOf: readonly Int32Array[]
  readonly #generationOf: readonly Int32Array[]
  /** By worker and host: its slot, 0 for none. */
  readonly #slotOf: readonly Int32Array[]
  /** Only with several workers: host by address. One worker's slots are the hosts. */
  readonly #byAddress: Map<string, number> | undefined
  readonly #addresses: (Address | undefined)[] = []
  readonly #free: number[] = []
  /** Hosts are numbered from 1 below this. */
  bound = 1
  count = 0
  readonly capacity: number

  /** `entered` is told of each slot that begins to count a host, with its counters at zero. */
  constructor(
    workers: readonly HostTables[],
    listener: HostListener,
    entered: (worker: number, slot: number) => void = () => {},
  ) {
    this.#workers = workers
    this.#listener = listener
    this.#entered = entered
    this.capacity = workers.reduce((sum, worker) => sum + worker.slots, 0)
    this.#hostOf = workers.map(worker => new Int32Array(worker.slots))
    this.#generationOf = workers.map(worker => new Int32Array(worker.slots))
    this.#slotOf = workers.map(() => new Int32Array(this.capacity))
    this.#byAddress = workers.length > 1 ? new Map() : undefined
  }

  /** The host a worker's slot counts now, 0 when it counts none or is changing hands. */
  hostAt(worker: number, slot: number): number {
    const known = this.#hostOf[worker]![slot]!
    // Nearly always: a plain look, because whoever reads the counters makes sure afterwards (`isCurrent`).
    if (known !== 0 && this.#workers[worker]!.generations[slot] === this.#generationOf[worker]![slot])
      return known
    return this.#changed(worker, slot, known)
  }

  #changed(worker: number, slot: number, known: number): number {
    const tables = this.#workers[worker]!
    const generation = Atomics.load(tables.generations, slot)
    if (generation & 1) return 0
    if (known !== 0) this.#leave(worker, slot, known)
    // It may have been announced before it was taken back.
    if (tables.pageKinds[slot >> 8] === PAGE_FREE || !hasTraffic(tables, slot)) return 0
    return this.#enter(worker, slot, generation)
  }

  /** The slot in which a worker counted the host when that was last looked at: what is read there has to be made sure of. */
  slotBefore(worker: number, host: number): number {
    // With one worker a host's number is its slot (`#take`): a million look-ups less in a pass.
    return this.#byAddress === undefined ? host : this.#slotOf[worker]![host]!
  }

  /** The slot in which a worker counts the host: 0 for none, and when the slot has passed to another one. */
  slotIn(worker: number, host: number): number {
    const slot = this.#slotOf[worker]![host]!
    return slot !== 0 && this.isCurrent(worker, slot) ? slot : 0
  }

  /** The same at the price of a plain look, which the processor may make before it reads what stands in front of it. */
  seemsCurrent(worker: number, slot: number): boolean {
    return this.#workers[worker]!.generations[slot] === this.#generationOf[worker]![slot]
  }

  /** Whether a slot counts the host still that it counted when it was entered here. */
  isCurrent(worker: number, slot: number): boolean {
    return Atomics.load(this.#workers[worker]!.generations, slot) === this.#generationOf[worker]![slot]
  }

  /** Lets go of hosts whose slots were taken back; call now and then, for instance once a second. */
  prune(): void {
    for (const [worker, slots] of this.#slotOf.entries()) {
      for (let host = 1; host < this.bound; host++) {
        const slot = slots[host]!
        if (slot !== 0 && !this.seemsCurrent(worker, slot)) this.#leave(worker, slot, host)
      }
    }
  }

  address(host: number): Address {
    const address = this.#addresses[host]
    if (address !== undefined) return address
    const worker = this.#slotOf.findIndex(slots => slots[host] !== 0)
    return this.#addressAt(worker, this.#slotOf[worker]?.[host] ?? 0)
  }

  /** Puts the address of an attached host as words of the wire (little-endian; IPv4 has one) into four places; tells its IP version. */
  wireAddress(host: number, words: Int32Array, at: number): 4 | 6 {
    const worker = this.#slotOf.findIndex(slots => slots[host] !== 0)
    const slot = this.#slotOf[worker]![host]!
    const { pageKinds, keys } = this.#workers[worker]!
    const kind = pageKinds[slot >> 8]!
    const isV6 = (kind & PAGE_V6) !== 0
    for (let word = 0; word < 4; word++) words[at + word] = isV6 ? keys[slot * 4 + word]! : 0
    if (!isV6) words[at] = (kind & ~PAGE_V4) | ((slot % PAGE_SLOTS) << 24)
    return isV6 ? 6 : 4
  }

  isAttached(host: number): boolean {
    for (let worker = 0; worker < this.#slotOf.length; worker++)
      if (this.#slotOf[worker]![host] !== 0) return true
    return false
  }

  #enter(worker: number, slot: number, generation: number): number {
    const address = this.#addressAt(worker, slot)
    const host = this.#byAddress === undefined ? this.#take(slot) : this.#join(address)
    this.#hostOf[worker]![slot] = host
    this.#generationOf[worker]![slot] = generation
    const isNew = !this.isAttached(host)
    this.#slotOf[worker]![host] = slot
    this.#entered(worker, slot)
    if (isNew) {
      this.count++
      this.#listener.attached(host, address)
    }
    return host
  }

  /** With one worker a host's number is its slot: no table, no look-up. */
  #take(slot: number): number {
    if (slot >= this.bound) this.bound = slot + 1
    return slot
  }

  #join(address: Address): number {
    const key = `${address.family}/${address.value}`
    const known = this.#byAddress?.get(key)
    if (known !== undefined) return known
    const host = this.#free.pop() ?? this.bound++
    this.#byAddress?.set(key, host)
    this.#addresses[host] = address
    return host
  }

  #leave(worker: number, slot: number, host: number): void {
    this.#hostOf[worker]![slot] = 0
    // The host may have come back in another slot before anybody noticed that it had left this one.
    if (this.#slotOf[worker]![host] !== slot) return
    this.#slotOf[worker]![host] = 0
    if (this.isAttached(host)) return
    this.count--
    this.#listener.detached(host)
    const address = this.#addresses[host]
    if (this.#byAddress === undefined || address === undefined) return
    this.#byAddress.delete(`${address.family}/${address.value}`)
    this.#addresses[host] = undefined
    this.#free.push(host)
  }

  #addressAt(worker: number, slot: number): Address {
    const { pageKinds, keys } = this.#workers[worker]!
    const kind = pageKinds[Math.floor(slot / PAGE_SLOTS)]!
    if ((kind & PAGE_V6) !== 0) {
      return addressOfWords(keys[slot * 4]!, keys[slot * 4 + 1]!, keys[slot * 4 + 2]!, keys[slot * 4 + 3]!)
    }
    return addressOfWord((kind & ~PAGE_V4) | ((slot % PAGE_SLOTS) << 24))
  }
}
