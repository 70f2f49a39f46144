// What may be done against an attack. Later enforcers add filter, divert, blackhole and countermeasure.

export type Action = { readonly kind: 'script'; readonly path: string }

export type ActionKind = Action['kind']

/** The action in words: `call the script /usr/local/bin/notify`. */
export const actionText = (action: Action): string => `call the script ${action.path}`
