// What needs to know connections: the SYN proxy, and the limit of connections at the same time.
//
// A connection that was opened before the SYN proxy is switched on goes on only if the kernel has followed it. So whoever
// has a SYN proxy, switched on or not, has connections followed all the time.

import type { WhiteSet } from './address-lists.ts'
import { type Draft, type Measure, WORDS } from './draft.ts'

/** Of nftables up to Linux 6.18 at least: it holds IPv6 packets against the checksum of an IPv4 header. */
const IPV6_LEFT_OUT =
  'IPv6 is left out: the kernel answers only IPv6 packets whose checksum the network card has checked, and drops all others; if your card does, set ipv6'

const SYN = 'tcp flags & (fin|syn|rst|ack) == syn'

/** The chain to which forwarded packets and those for this machine go. */
export function addSynProxy(measure: Measure<'syn-proxy'>, white: readonly WhiteSet[]): void {
  const { ports, mss, windowScale, timestamps, sackPermitted } = measure.parameters
  const toPorts = ports.length === 0 ? '' : `tcp dport { ${ports.join(', ')} } `
  const isOnly4 = measure.parameters.ipv6 !== true
  if (isOnly4 && !measure.isMonitor && measure.families.includes(6)) measure.note(IPV6_LEFT_OUT)
  const passing = [
    ...(isOnly4 && measure.families.includes(6) ? ['meta nfproto ipv6 return'] : []),
    ...white.map(({ family, set }) => `${WORDS[family].address} @${set} return`),
  ]
  const options = `mss ${mss} wscale ${windowScale}${timestamps ? ' timestamp' : ''}${sackPermitted ? ' sack-perm' : ''}`
  const counted = measure.counted('in')
  measure.draft.addCounter(measure.named('drop'))
  measure.draft.addChain({
    name: measure.named('syn'),
    rules: [...passing, `${toPorts}${SYN} ${counted}${measure.isMonitor ? '' : ' notrack'}`],
  })
  const answered = `meta l4proto tcp ${toPorts}ct state invalid,untracked counter name ${measure.named('drop')}`
  measure.draft.addChain({
    name: measure.named(),
    rules: measure.isMonitor
      ? []
      : [
          ...passing,
          // Answered in place of the target: only who answers back is let through to it.
          `${answered} synproxy ${options}`,
          `meta l4proto tcp ${toPorts}ct state invalid drop`,
        ],
  })
}

/** Connections that a SYN proxy has let in are not seen as new, and are not counted. */
export function addConnectionLimit(measure: Measure<'connection-limit'>, white: readonly WhiteSet[]): void {
  const full = measure.counted('full')
  measure.addChain([
    ...white.map(({ family, set }) => `${WORDS[family].address} @${set} return`),
    ...measure.families.flatMap(family => {
      const { source, type } = WORDS[family]
      const set = measure.named(`connections${family}`)
      measure.draft.addSet({
        ...{ name: set, type, kind: 'connections', elements: [], size: measure.place.sourcesMax },
      })
      return [
        `add @${set} { ${source} ct count over ${measure.parameters.connections} } ${measure.verdict}`,
        `${source} != @${set} ${full}`,
      ]
    }),
  ])
}

/** Joins the chains above to where packets come by. `jumps` are those of profiles with something that needs connections. */
export function addConnectionHooks(
  draft: Draft,
  spared: readonly string[],
  profiles: readonly {
    /** Expressions for what goes to it. */
    readonly covered: readonly string[]
    readonly syn: string | undefined
    readonly chains: readonly { readonly name: string; readonly isNewOnly: boolean }[]
  }[],
): void {
  const untracking = profiles.flatMap(({ covered, syn }) =>
    syn === undefined ? [] : covered.map(match => `${match} meta l4proto tcp jump ${syn}`),
  )
  if (untracking.length > 0)
    draft.addChain({
      name: 'm/untrack',
      // Before connections are followed (-200), after profiles have judged.
      base: 'type filter hook prerouting priority -300; policy accept;',
      rules: [...spared, ...untracking],
    })
  const judging = profiles.flatMap(({ covered, chains }) =>
    covered.flatMap(match =>
      chains.map(
        ({ name, isNewOnly }) => `${match} ${isNewOnly ? 'meta l4proto tcp ct state new ' : ''}jump ${name}`,
      ),
    ),
  )
  for (const hook of ['forward', 'input'])
    draft.addChain({
      name: `m/connections/${hook}`,
      base: `type filter hook ${hook} priority -5; policy accept;`,
      // Asking for the state is what makes the kernel follow connections.
      rules: ['ct state established,related accept', ...spared, ...judging],
    })
}
