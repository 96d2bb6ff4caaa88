// The YAML side of the editor: CodeMirror with faults at their line and column.
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { indentOnInput } from '@codemirror/language';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { Annotation, EditorState, type Text } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { useEffect, useRef } from 'react';
import type { Fault } from '#shared/result.ts';
import { placeOf } from './faults.ts';
import { yamlColours } from './yaml-colours.ts';

const FromOutside = Annotation.define<boolean>();

export interface YamlEditorProps {
  readonly label: string;
  readonly value: string;
  readonly faults: readonly Fault[];
  readonly onChange: (value: string) => void;
  /** Set when a person asks to see a place: `line:column`, and a number that grows with each asking. */
  readonly goTo?:
    | { readonly line: number; readonly column: number; readonly nth: number }
    | undefined;
  /** A line to have on screen, such as the one where the schedule in the form begins. */
  readonly show?: number | undefined;
}

export function YamlEditor({ label, value, faults, onChange, goTo, show }: YamlEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(onChange);
  latest.current = onChange;
  const first = useRef(value);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    // A shadow root, because the page's policy allows no <style> and a root of its own may adopt sheets.
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const made = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          ...EXTENSIONS,
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
          EditorView.updateListener.of((update) => {
            const outside = update.transactions.some((it) => it.annotation(FromOutside));
            if (update.docChanged && !outside) latest.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      view.current = undefined;
      made.destroy();
    };
  }, [label]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const change = smallestChange(editor.state.doc.toString(), value);
    if (!change) return;
    const effects = EditorView.scrollIntoView(change.from, { y: 'nearest', yMargin: 60 });
    editor.dispatch({ changes: change, annotations: FromOutside.of(true), effects });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const { doc } = editor.state;
    editor.dispatch(
      setDiagnostics(
        editor.state,
        faults.map((fault) => diagnosticOf(fault, doc)),
      ),
    );
  }, [faults]);

  useEffect(() => {
    const editor = view.current;
    // While a person writes here, the place is theirs.
    if (!editor || show === undefined || editor.hasFocus) return;
    const { from } = spanOf(editor.state.doc, show, 1);
    editor.dispatch({ effects: EditorView.scrollIntoView(from, { y: 'start', yMargin: 24 }) });
  }, [show]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || !goTo) return;
    const { from } = spanOf(editor.state.doc, goTo.line, goTo.column);
    editor.dispatch({
      selection: { anchor: from },
      effects: EditorView.scrollIntoView(from, { y: 'center' }),
    });
    editor.focus();
  }, [goTo]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only keeps the console's single keys out of the text.
    <div
      ref={host}
      className="yaml-host"
      // Seen from the window a key in a shadow root comes from its host, which looks like no text field.
      onKeyDown={(event) => {
        if (!event.ctrlKey && !event.metaKey) event.nativeEvent.stopPropagation();
      }}
    />
  );
}

function diagnosticOf(fault: Fault, doc: Text): Diagnostic {
  const place = placeOf(fault);
  const span = spanOf(doc, place?.line ?? 1, place?.column ?? 1);
  const hint = fault.hint ? `\n${fault.hint}` : '';
  return { ...span, severity: 'error', source: fault.code, message: `${fault.message}${hint}` };
}

/** The word at a place, or the rest of its line. */
function spanOf(doc: Text, line: number, column: number): { from: number; to: number } {
  const { from, to, text } = doc.line(Math.max(1, Math.min(doc.lines, line)));
  const start = Math.min(to, from + Math.max(0, column - 1));
  const word = /^[^\s:,\]}]+/.exec(text.slice(start - from))?.[0].length ?? 0;
  return { from: start, to: Math.min(to, start + Math.max(1, word)) };
}

/** Only what differs, so that the cursor and the undo history stay. */
function smallestChange(
  old: string,
  next: string,
): { readonly from: number; readonly to: number; readonly insert: string } | undefined {
  if (old === next) return undefined;
  let from = 0;
  while (from < old.length && from < next.length && old[from] === next[from]) from++;
  let end = 0;
  const most = Math.min(old.length, next.length) - from;
  while (end < most && old.at(-1 - end) === next.at(-1 - end)) end++;
  return { from, to: old.length - end, insert: next.slice(from, next.length - end) };
}

const LOOK = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'var(--surface)', fontSize: '12px' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '19px', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--ink)', padding: '8px 0' },
  '.yaml-key': { color: 'var(--accent)' },
  '.yaml-comment': { color: 'var(--ink-3)', fontStyle: 'italic' },
  '.yaml-string': { color: 'var(--ok)' },
  '.yaml-mark': { color: 'var(--warn)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': {
    backgroundColor: 'var(--surface)',
    color: 'var(--ink-3)',
    border: 'none',
    paddingLeft: '4px',
  },
  '.cm-activeLine, .cm-activeLineGutter': {
    backgroundColor: 'color-mix(in oklab, var(--hover) 55%, transparent)',
  },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground':
    {
      backgroundColor: 'var(--selected)',
    },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad)',
    textUnderlineOffset: '3px',
  },
  '.cm-lint-marker-error': {
    content: 'none',
    width: '9px',
    height: '9px',
    borderRadius: '50%',
    background: 'var(--bad)',
    margin: '5px 2px',
  },
  '.cm-gutter-lint': { width: '14px' },
  '.cm-tooltip': {
    border: '1px solid var(--line-strong)',
    borderRadius: '5px',
    backgroundColor: 'var(--raised)',
    boxShadow: 'var(--lift)',
    fontFamily: 'var(--font-ui)',
    whiteSpace: 'pre-line',
  },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--bad)' },
  '.cm-diagnosticSource': { color: 'var(--ink-3)', opacity: '1', fontFamily: 'var(--font-mono)' },
});

const EXTENSIONS = [
  lineNumbers(),
  lintGutter(),
  history(),
  drawSelection(),
  highlightActiveLine(),
  indentOnInput(),
  yaml(),
  yamlColours,
  LOOK,
  EditorState.tabSize.of(2),
  // Tab indents; Esc and then Tab leaves the editor.
  keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
];
