// House rules no linter has: file length, headers, no climbing imports, no notes to self.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = execFileSync('git', ['ls-files', '*.ts', '*.tsx'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '');
const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const offenders = (bad: (content: string, file: string) => boolean): readonly string[] =>
  files.filter((file) => bad(text(file), file));

describe('house style', () => {
  it('no file is longer than 400 lines: split it along what it answers for', () => {
    expect(offenders((content) => content.split('\n').length > 401)).toEqual([]);
  });

  it('every source file begins with a comment that says what it answers for', () => {
    const source = (file: string) => /^(shared|agent|console)\//.test(file);
    expect(offenders((content, file) => source(file) && !/^(#!.*\n)?\/[/*]/.test(content))).toEqual(
      [],
    );
  });

  it('imports across rooms are #room/…, never ../../', () => {
    expect(offenders((content) => /from '\.\.\/\.\.\//.test(content))).toEqual([]);
  });

  it('there are no barrels', () => {
    expect(files.filter((file) => /(^|\/)index\.tsx?$/.test(file))).toEqual([]);
  });

  it('no notes to self: an issue is the place for them', () => {
    const mark = new RegExp(`\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')})\\b`);
    expect(offenders((content) => mark.test(content))).toEqual([]);
  });
});
