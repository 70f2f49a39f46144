// A value that is made when it is first asked for.

/** What takes long to make and is not always wanted; made once. */
export function lazily<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
