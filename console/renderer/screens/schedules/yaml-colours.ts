// Colours for YAML by the names of the parser's nodes: few, from the console's own tokens.
import { syntaxTree } from '@codemirror/language';
import { type Extension, RangeSetBuilder } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';

const KEY = Decoration.mark({ class: 'yaml-key' });
const MARK_BY_NODE: Readonly<Record<string, Decoration>> = {
  Comment: Decoration.mark({ class: 'yaml-comment' }),
  QuotedLiteral: Decoration.mark({ class: 'yaml-string' }),
  BlockLiteralHeader: Decoration.mark({ class: 'yaml-mark' }),
  Anchor: Decoration.mark({ class: 'yaml-mark' }),
  Alias: Decoration.mark({ class: 'yaml-mark' }),
  Tag: Decoration.mark({ class: 'yaml-mark' }),
};

function marksOf(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to } of view.visibleRanges) {
    syntaxTree(view.state).iterate({
      from,
      to,
      enter: (node) => {
        const mark = node.name === 'Key' ? KEY : MARK_BY_NODE[node.name];
        if (mark && node.to > node.from) builder.add(node.from, node.to, mark);
        // A key is coloured as a whole, whatever is in it.
        return node.name !== 'Key';
      },
    });
  }
  return builder.finish();
}

export const yamlColours: Extension = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = marksOf(view);
    }
    update(update: ViewUpdate): void {
      const parsed = syntaxTree(update.startState) !== syntaxTree(update.state);
      if (update.docChanged || update.viewportChanged || parsed) {
        this.decorations = marksOf(update.view);
      }
    }
  },
  { decorations: (plugin) => plugin.decorations },
);
