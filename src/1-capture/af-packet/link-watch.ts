// What has become of the interface a socket listens on. Decides only; looking and acting is the ring's.
//
// An interface that goes down and comes up again goes on by itself. One that is deleted (or moved to another network
// namespace) leaves the socket bound to nothing, silent for ever; when its name comes back it is another interface,
// and the socket has to be opened anew.

export type LinkState = 'up' | 'down' | 'gone'
export type LinkEvent = 'up' | 'down' | 'gone' | 'back'

/** What one look shows. */
export interface LinkSight {
  /** Index of the interface that has the name now; 0 when none has. */
  readonly namedIndex: number
  /** Index the socket listens on; -1 when its interface is no more or there is no socket. */
  readonly boundIndex: number
  /** The interface the socket listens on is switched on and has a carrier. */
  readonly isUp: boolean
  /** The socket has reported ENETDOWN since the last look. */
  readonly wentDown: boolean
}

export interface LinkVerdict {
  readonly state: LinkState
  /** What has happened since the last look, in order. */
  readonly events: readonly LinkEvent[]
  /** The name belongs to an interface the socket does not listen on. */
  readonly shouldReopen: boolean
}

/** Judges a look at the interface by what its state was. */
export function judgeLink(previous: LinkState, sight: LinkSight): LinkVerdict {
  if (isLost(sight)) {
    return { state: 'gone', events: previous === 'gone' ? [] : ['gone'], shouldReopen: sight.namedIndex > 0 }
  }
  const state = sight.isUp ? 'up' : 'down'
  return { state, events: eventsBetween(previous, state, sight.wentDown), shouldReopen: false }
}

/** A name that no interface has is no loss while the socket is bound: the interface was renamed. */
function isLost({ namedIndex, boundIndex }: LinkSight): boolean {
  return boundIndex <= 0 || (namedIndex > 0 && namedIndex !== boundIndex)
}

function eventsBetween(previous: LinkState, state: 'up' | 'down', wentDown: boolean): LinkEvent[] {
  // A new interface has its carrier a little later, so coming back is one thing and being up another.
  if (previous === 'gone') return state === 'up' ? ['back', 'up'] : ['back']
  if (previous !== state) return [state]
  // Down and up again between two looks: packets were missed, so it is told.
  return state === 'up' && wentDown ? ['down', 'up'] : []
}
