import { describe, expect, it } from 'vitest';
import { sha256 } from '#shared/node/sha256.ts';
import { type ChainCursor, chainNext, chainStart, verifyReportChain } from '#shared/trust/chain.ts';
import type { ReportDocument } from '#shared/trust/documents.ts';
import { AGENT, codeOf, entries, FLEET, hashesOf, receipt, reportOf, unwrap } from './fixtures.ts';

const hashes = hashesOf(entries);
const cursorAt = (seq: number): ChainCursor => ({ seq, hash: hashes[seq] as string });
const verify = (report: ReportDocument, expected?: ChainCursor) =>
  verifyReportChain(report, expected, sha256);
/** The history as a clone of the machine would have lived it: other from entry 2 on. */
const forked = entries.map((text, i) => (i === 0 ? text : text.replace('entry', 'other')));

describe('the chain of a log', () => {
  it('has a start of its own for every agent and incarnation (TR50)', () => {
    const starts = [
      chainStart(FLEET, AGENT, 1, sha256),
      chainStart(FLEET, AGENT, 2, sha256),
      chainStart(FLEET, 'till-2', 1, sha256),
      chainStart('others', AGENT, 1, sha256),
    ];
    expect(new Set(starts).size).toBe(4);
  });

  it('links bytes, whether they come as text or not (TR50)', () => {
    const start = hashes[0] as string;
    expect(chainNext(start, Buffer.from('é'), sha256)).toBe(chainNext(start, 'é', sha256));
    expect(chainNext('00'.repeat(32), '', sha256)).toBe(
      Buffer.from(sha256(Buffer.from(`musterlog.v1\0${'\0'.repeat(32)}`))).toString('hex'),
    );
  });

  it('takes a report that follows, one that repeats and one that overlaps (TR52)', () => {
    expect(unwrap(verify(reportOf(entries, 1, 3)))).toMatchObject({
      known: 0,
      cursor: cursorAt(3),
    });
    expect(unwrap(verify(reportOf(entries, 2, 3), cursorAt(1)))).toMatchObject({ known: 0 });
    const overlap = unwrap(verify(reportOf(entries, 1, 3), cursorAt(2)));
    expect(overlap).toMatchObject({ known: 2, cursor: cursorAt(3) });
    const old = unwrap(verify(reportOf(entries, 1, 2), cursorAt(3)));
    expect(old).toMatchObject({ known: 2, cursor: cursorAt(3) });
  });

  it('S5 refuses a dropped report as a gap', () => {
    expect(codeOf(verify(reportOf(entries, 3, 3), cursorAt(1)))).toBe('GAP');
    expect(codeOf(verify(reportOf(entries, 2, 3)))).toBe('GAP');
  });

  it('S5 refuses an edited entry', () => {
    const report = reportOf(entries, 1, 3);
    const edited = report.entries.map((text, i) => (i === 1 ? text.replace('2', '9') : text));
    expect(codeOf(verify({ ...report, entries: edited }))).toBe('CHAIN_BREAK');
  });

  it('S5 refuses reordered and missing entries', () => {
    const report = reportOf(entries, 1, 3);
    expect(codeOf(verify({ ...report, entries: report.entries.toReversed() }))).toBe('CHAIN_BREAK');
    expect(codeOf(verify({ ...report, entries: report.entries.slice(1) }))).toBe('CHAIN_BREAK');
    expect(codeOf(verify({ ...report, to: 2 }))).toBe('CHAIN_BREAK');
    expect(codeOf(verify({ ...report, incarnation: 2 }))).toBe('CHAIN_BREAK');
    expect(codeOf(verify({ ...reportOf(entries, 1, 3), previous: 'aa'.repeat(32) }))).toBe(
      'CHAIN_BREAK',
    );
  });

  it('S5 refuses a head of another number or incarnation than its entries', () => {
    const report = reportOf(entries, 1, 3);
    const under = (changes: object) => verify({ ...report, head: { ...report.head, ...changes } });
    expect(codeOf(under({ seq: 4 }))).toBe('CHAIN_BREAK');
    expect(codeOf(under({ incarnation: 2 }))).toBe('CHAIN_BREAK');
    expect(codeOf(under({ hash: 'aa'.repeat(32) }))).toBe('CHAIN_BREAK');
  });

  it('S5 refuses entries that follow another history than the stored one', () => {
    expect(codeOf(verify(reportOf(forked, 3, 3), cursorAt(2)))).toBe('CHAIN_BREAK');
  });

  it('tells another history under stored numbers from a mere break (TR52)', () => {
    expect(codeOf(verify(reportOf(forked, 1, 3), cursorAt(2)))).toBe('CLONE_OR_FORK');
    expect(codeOf(verify(reportOf(forked, 1, 2), cursorAt(2)))).toBe('CLONE_OR_FORK');
  });

  it('lets a stated loss bridge a hole, and nothing else (TR53)', () => {
    const lost = { from: 1, to: 2, head: hashes[2] as string };
    const report = { ...reportOf(entries, 3, 3), lost };
    expect(unwrap(verify(report))).toMatchObject({ known: 0, skipped: true, cursor: cursorAt(3) });
    expect(unwrap(verify(report, cursorAt(2)))).toMatchObject({ skipped: false });
    const elsewhere = [
      { ...lost, to: 1 },
      { ...lost, head: hashes[1] as string },
      { ...lost, from: 3 },
    ];
    for (const wrong of elsewhere) {
      expect(codeOf(verify({ ...report, lost: wrong }))).toBe('CHAIN_BREAK');
    }
    const later = { ...report, lost: { ...lost, from: 2 } };
    expect(codeOf(verify(later))).toBe('GAP');
  });

  it('takes a batch that only states a loss (TR53)', () => {
    const hash = hashes[2] as string;
    const lost = { from: 1, to: 2, head: hash };
    const bare = { ...reportOf(entries, 3, 3), to: 2, head: receipt(2, hash), entries: [], lost };
    expect(unwrap(verify(bare))).toMatchObject({ skipped: true, cursor: cursorAt(2) });
  });
});
