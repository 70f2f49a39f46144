// Users as they are kept: people who log in with a name and a password.

import { z } from 'zod'
import type { Documents } from '#lib/documents.ts'
import { type Identity, isConfined, ROLES } from '../contract/access.ts'
import { Shelf } from './shelf.ts'

export const USERS_MAX = 1000
/** Of each user so many addresses are remembered from which he logged in. */
const ADDRESSES_MAX = 8

const moment = z.int().min(0)

const userSchema = z.object({
  /** UUID: a user who is removed and added again under his name is another one. */
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  customers: z.array(z.string()).optional(),
  networks: z.array(z.string()).optional(),
  /** PHC text. */
  hash: z.string(),
  isDisabled: z.boolean(),
  createdAt: moment,
  createdBy: z.string(),
  lastLoginAt: moment.optional(),
  /** Where he logged in from, newest last, as the throttle counts addresses. */
  addresses: z.array(z.string()),
})

export type User = z.infer<typeof userSchema>

export class Users {
  readonly #shelf: Shelf<User>

  constructor(documents: Documents) {
    this.#shelf = new Shelf(documents, 'user', userSchema)
  }

  /** By name. */
  list(): User[] {
    return this.#shelf.all().sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  get(id: string): User | undefined {
    return this.#shelf.get(id)
  }

  named(name: string): User | undefined {
    return this.#shelf.all().find(user => user.name === name)
  }

  /** Whether a name is taken; names that differ in case alone would be taken for each other. */
  has(name: string): boolean {
    const wanted = name.toLowerCase()
    return this.#shelf.all().some(user => user.name.toLowerCase() === wanted)
  }

  get isFull(): boolean {
    return this.#shelf.size >= USERS_MAX
  }

  put(user: User): Promise<boolean> {
    return this.#shelf.put(user.id, user)
  }

  remove(user: User): Promise<boolean> {
    return this.#shelf.drop(user.id)
  }

  /** Whether somebody may log in who may add users. */
  get hasAdmin(): boolean {
    return this.#shelf.all().some(isFullAdmin)
  }

  /** Whether nobody would be left who may add users, if this one were gone or lost his role. */
  isLastAdmin({ id }: User): boolean {
    const admins = this.#shelf.all().filter(isFullAdmin)
    return admins.length === 1 && admins[0]?.id === id
  }
}

/** Whether he may change who may what. */
export const isFullAdmin = (user: User): boolean =>
  user.role === 'admin' && !user.isDisabled && !isConfined(user)

export const identityOfUser = ({ id, name, role, customers, networks }: User): Identity => ({
  ...{ kind: 'user', id, name, role },
  ...(customers && { customers }),
  ...(networks && { networks }),
})

export const withAddress = (user: User, address: string): string[] =>
  [...user.addresses.filter(known => known !== address), address].slice(-ADDRESSES_MAX)
