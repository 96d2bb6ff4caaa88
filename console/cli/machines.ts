// Machines in words: how many, and the first few by name.

const NAMED = 5;

export function machines(names: readonly string[]): string {
  const more = names.length > NAMED ? ', …' : '';
  const named = names.length === 0 ? '' : ` (${names.slice(0, NAMED).join(', ')}${more})`;
  return `${names.length} ${names.length === 1 ? 'machine' : 'machines'}${named}`;
}
