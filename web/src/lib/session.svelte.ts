// Who uses the console: found out at the start, changed by logging in and out, over when the daemon says so.

import type { Me } from '#api/contract/session.ts'
import { call, demandOf, type RouteName, useCsrfToken, whenUnauthenticated } from './api.ts'
import { ROLES, type Role } from './roles.ts'
import { toasts } from './toasts.svelte.ts'

type State =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'in'; readonly me: Me }
  /** `hasEnded`: somebody was in before. */
  | { readonly kind: 'out'; readonly hasEnded: boolean }

class Session {
  state = $state.raw<State>({ kind: 'unknown' })

  get me(): Me | undefined {
    return this.state.kind === 'in' ? this.state.me : undefined
  }

  /** Whether whoever is in is confined to customers or networks, and so sees only a part. */
  get isConfined(): boolean {
    return this.me?.customers !== undefined || this.me?.networks !== undefined
  }

  /** Whether the daemon would let whoever is in call a route. */
  may(name: RouteName): boolean {
    const { me } = this
    if (me === undefined) return false
    const { role, reach } = demandOf(name)
    return isAtLeast(me.role, role) && (reach === 'customers' || !this.isConfined)
  }

  /** Asks the daemon who this is. */
  async look(): Promise<void> {
    const reply = await call('me', {})
    if (reply.kind === 'ok') this.enter(reply.value)
    // Whatever it says but that nobody is in, as while it starts: it is asked again.
    else if (this.state.kind === 'unknown') this.state = { kind: 'unreachable' }
  }

  enter(me: Me): void {
    useCsrfToken(me.csrfToken)
    this.state = { kind: 'in', me }
  }

  async logOut(): Promise<void> {
    const reply = await call('logOut', {})
    if (reply.kind === 'failed' && this.state.kind === 'in') {
      // The session goes on, whatever is shown here.
      toasts.failed(reply.failure)
      return
    }
    useCsrfToken(undefined)
    this.state = { kind: 'out', hasEnded: false }
  }

  ended(): void {
    useCsrfToken(undefined)
    this.state = { kind: 'out', hasEnded: this.state.kind === 'in' }
  }
}

export const session = new Session()
whenUnauthenticated(() => {
  if (session.state.kind !== 'out') session.ended()
})

const isAtLeast = (role: Role, least: Role | 'public'): boolean =>
  least === 'public' || ROLES.indexOf(role) >= ROLES.indexOf(least)
