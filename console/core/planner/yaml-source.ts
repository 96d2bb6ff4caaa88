// A YAML text as a value, with the line and column of everything in it.
import { type Document, isMap, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { Fault } from '#shared/result.ts';

const MAX_ALIASES = 100;
const ALIAS_HINT = 'text that begins with * is an alias in YAML: quote it, like "*/5 * * * *"';

export type Path = readonly PropertyKey[];

export interface YamlSource {
  readonly value: unknown;
  /** `file:line:column` of the value at this path, or of the nearest thing around it. */
  readonly at: (path: Path) => string;
  /** `file:line:column` of the key itself, for keys that should not be there. */
  readonly atKey: (path: Path, key: string) => string;
}

/** Parses one YAML 1.2 document of core types. Syntax faults come all at once, code YAML. */
export function readYaml(
  name: string,
  text: string,
): { readonly source: YamlSource } | { readonly faults: readonly Fault[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    prettyErrors: false,
    version: '1.2',
  });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  if (document.errors.length > 0) {
    const faults = document.errors.map((error) => fault(error, place(error.pos[0])));
    // One mistake often breaks several rules of the grammar: the first of a line is the one to read.
    const line = (at: string | undefined) => at?.replace(/:\d+$/, '');
    return {
      faults: faults.filter(({ at }, index) => line(faults[index - 1]?.at) !== line(at)),
    };
  }
  const forbidden = forbiddenKeys(document).map((offset): Fault => {
    const hint = 'use another name';
    return { code: 'YAML', message: "'__proto__' cannot be a key", at: place(offset), hint };
  });
  if (forbidden.length > 0) return { faults: forbidden };
  const at = (path: Path): string => {
    for (let depth = path.length; depth >= 0; depth--) {
      const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
      const range = (node as Node | null | undefined)?.range;
      if (range) return place(range[0]);
    }
    return place(0);
  };
  const atKey = (path: Path, key: string): string => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    const pair = isMap(node)
      ? node.items.find(({ key: item }) => isScalar(item) && String(item.value) === key)
      : undefined;
    const range = (pair?.key as Node | undefined)?.range;
    return range ? place(range[0]) : at(path);
  };
  try {
    return { source: { value: document.toJS({ maxAliasCount: MAX_ALIASES }), at, atKey } };
  } catch (error) {
    // An unknown alias, most often a cron expression that begins with `*` and has no quotes.
    const offset = Math.max(0, text.search(/:\s+\*/));
    return {
      faults: [
        {
          code: 'YAML',
          message: (error as Error).message,
          at: place(offset + 2),
          hint: ALIAS_HINT,
        },
      ],
    };
  }
}

/** Offsets of keys that would vanish on the way into an object: what a person wrote must not be dropped in silence. */
function forbiddenKeys(document: Document.Parsed): readonly number[] {
  const offsets: number[] = [];
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value === '__proto__') offsets.push(key.range?.[0] ?? 0);
    },
  });
  return offsets;
}

function fault(error: { code: string; message: string }, at: string): Fault {
  const hints: Readonly<Record<string, string>> = {
    DUPLICATE_KEY: 'every name stands once: rename or remove one of them',
    MULTIPLE_DOCS: 'one stream a file: split it at the ---',
    TAB_AS_INDENT: 'indent with spaces',
    BAD_INDENT: 'check how far this line is indented',
  };
  const alias = /alias/i.test(error.message) ? ALIAS_HINT : undefined;
  const hint = alias ?? hints[error.code] ?? 'check indentation, quotes and colons around here';
  return { code: 'YAML', message: error.message, at, hint };
}
