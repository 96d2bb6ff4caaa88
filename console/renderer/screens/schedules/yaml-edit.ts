// A file of desired state edited by fields: comments, order and quoting stay, only what changed is written anew. Pure.
import {
  type Document,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  Scalar,
  stringify,
  visit,
} from 'yaml';

export type Path = readonly (string | number)[];
export type YamlValue =
  | string
  | number
  | boolean
  | readonly string[]
  | Readonly<Record<string, unknown>>;

export interface OpenFile {
  /** The whole file as plain data; undefined while it cannot be read. */
  readonly value: Readonly<Record<string, unknown>> | undefined;
  readonly schedules: readonly string[];
  /** Line of the first mistake in the grammar, from 1. */
  readonly brokenLine: number | undefined;
  /** The deepest key around a place, as a path: for faults that carry line and column (both from 1). */
  readonly pathAt: (line: number, column: number) => Path;
  /** Where a schedule begins. */
  readonly lineOf: (schedule: string) => number | undefined;
}

const parse = (text: string, lineCounter?: LineCounter): Document =>
  parseDocument(text, { version: '1.2', ...(lineCounter ? { lineCounter } : {}) });

export function openFile(text: string): OpenFile {
  const lines = new LineCounter();
  const document = parse(text, lines);
  const broken = document.errors[0];
  const none = { value: undefined, schedules: [], pathAt: () => [], lineOf: () => undefined };
  if (broken) return { ...none, brokenLine: lines.linePos(broken.pos[0]).line };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch {
    return { ...none, brokenLine: 1 };
  }
  if (!isRecord(value)) return { ...none, value: {}, brokenLine: undefined };
  const { schedules } = value;
  return {
    value,
    schedules: isRecord(schedules) ? Object.keys(schedules) : [],
    brokenLine: undefined,
    pathAt: (line, column) => {
      const start = lines.lineStarts[line - 1];
      return start === undefined ? [] : pathAround(document.contents, start + column - 1);
    },
    lineOf: (schedule) => {
      const key = keyOf(document, schedule);
      return key?.range ? lines.linePos(key.range[0]).line : undefined;
    },
  };
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);

function pathAround(node: unknown, offset: number, path: Path = []): Path {
  if (!isMap(node)) return path;
  for (const { key, value } of node.items) {
    const from = (key as Node | null)?.range?.[0];
    const to = (value as Node | null)?.range?.[2] ?? (key as Node | null)?.range?.[2];
    if (from === undefined || to == null || offset < from || offset >= to) continue;
    return pathAround(value, offset, [...path, isScalar(key) ? String(key.value) : '']);
  }
  return path;
}

/** Sets one value, or takes the key out (undefined). A text that cannot be read is returned as it is. */
export function setAt(text: string, path: Path, value: YamlValue | undefined): string {
  const document = parse(text);
  if (document.errors.length > 0) return text;
  const old = document.getIn(path, true);
  if (value === undefined) {
    if (old === undefined) return text;
    document.deleteIn(path);
    return write(document, text);
  }
  if (isScalar(old) && typeof value !== 'object') {
    const spliced = splice(text, old, value);
    if (spliced !== undefined) return spliced;
  }
  makeWay(document, path);
  if (isScalar(old) && typeof value !== 'object') {
    old.value = value;
    if (typeof value === 'string' && value.includes('\n')) old.type = Scalar.BLOCK_LITERAL;
  } else document.setIn(path, flowLists(document.createNode(value)));
  return write(document, text);
}

/** Lists on one line, as a person writes a program and its arguments. */
function flowLists<T>(node: T): T {
  visit(node as Node, {
    Seq: (_key, list) => {
      list.flow = true;
    },
  });
  return node;
}

/** The same bytes but for one scalar of one line; undefined where that cannot be. */
function splice(text: string, old: Scalar, value: string | number | boolean): string | undefined {
  const [from, to] = old.range ?? [];
  if (from === undefined || to === undefined || from === to) return undefined;
  if (old.type?.startsWith('BLOCK') || text.slice(from, to).includes('\n')) return undefined;
  if (typeof value !== 'string') return text.slice(0, from) + String(value) + text.slice(to);
  if (value.includes('\n') || value === '') return undefined;
  const quoted = old.type === Scalar.QUOTE_DOUBLE || old.type === Scalar.QUOTE_SINGLE;
  // Brackets and commas mean something inside { } and [ ]: quotes are right in both.
  const type = quoted
    ? (old.type as 'QUOTE_DOUBLE')
    : /[,[\]{}#]/.test(value)
      ? 'QUOTE_DOUBLE'
      : 'PLAIN';
  const fresh = stringify(value, {
    defaultStringType: type,
    lineWidth: 0,
    version: '1.2',
  }).trimEnd();
  return fresh.includes('\n') ? undefined : text.slice(0, from) + fresh + text.slice(to);
}

/** A missing or empty parent becomes a map, so that a key can be set in it. */
function makeWay(document: Document, path: Path): void {
  for (let depth = 0; depth < path.length; depth++) {
    const parent = path.slice(0, depth);
    const node = depth === 0 ? document.contents : document.getIn(parent, true);
    if (isMap(node)) continue;
    const map = document.createNode({});
    map.flow = false;
    if (depth === 0) document.contents = map as never;
    else document.setIn(parent, map);
  }
}

function keyOf(document: Document, schedule: string): Scalar | undefined {
  const schedules = document.get('schedules', true);
  if (!isMap(schedules)) return undefined;
  const key = schedules.items.find(
    (item) => isScalar(item.key) && item.key.value === schedule,
  )?.key;
  return isScalar(key) ? key : undefined;
}

/** A schedule gets another name and keeps its place, comments and content. */
export function renameSchedule(text: string, from: string, to: string): string {
  const document = parse(text);
  const key = document.errors.length > 0 ? undefined : keyOf(document, from);
  if (!key?.range || document.hasIn(['schedules', to])) return text;
  const fresh = stringify(to).trimEnd();
  return text.slice(0, key.range[0]) + fresh + text.slice(key.range[1]);
}

export function addSchedule(
  text: string,
  id: string,
  fields: Readonly<Record<string, unknown>>,
): string {
  return setAt(text, ['schedules', id], fields);
}

export const removeSchedule = (text: string, id: string): string => {
  const rest = setAt(text, ['schedules', id], undefined);
  const left = openFile(rest);
  return left.schedules.length === 0 ? setAt(rest, ['schedules'], {}) : rest;
};

/** Written with the indent and the padding the file already has. */
function write(document: Document, text: string): string {
  const indent = /^( +)[^\s#-]/m.exec(text)?.[1]?.length ?? 2;
  return document.toString({
    lineWidth: 0,
    indent: Math.min(8, indent),
    flowCollectionPadding: !/[{[]\S/.test(text) || /\{ /.test(text),
  });
}
