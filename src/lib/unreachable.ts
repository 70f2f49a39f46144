// The end of a switch over a union: reaching it is a bug the compiler should have caught.

export function unreachable(value: never): never {
  throw new Error(`unreachable value: ${JSON.stringify(value)}`)
}
