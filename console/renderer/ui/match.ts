// Does a text fit what a person typed? Every word typed must be somewhere in it, in any order. Pure.
export function matches(text: string, typed: string): boolean {
  const low = text.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => low.includes(word));
}
