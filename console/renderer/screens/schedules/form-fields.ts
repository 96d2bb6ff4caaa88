// What the form offers for a schedule's policies: the same keys, words and defaults as files have.
export interface PolicyField {
  readonly key: string;
  /** Below it: `catchUp.policy`. */
  readonly inner?: string;
  readonly label: string;
  readonly help: string;
  readonly kind: 'text' | 'number' | readonly string[];
  /** In force where neither file nor defaults say anything. */
  readonly standard: string;
}

const field = (
  key: string,
  label: string,
  kind: PolicyField['kind'],
  standard: string,
  help: string,
  inner?: string,
): PolicyField => ({ key, label, kind, standard, help, ...(inner === undefined ? {} : { inner }) });

export interface PolicyGroup {
  readonly title: string;
  readonly fields: readonly PolicyField[];
}

export const POLICY_GROUPS: readonly PolicyGroup[] = [
  {
    title: 'After being away',
    fields: [
      field(
        'catchUp',
        'Catch up',
        ['none', 'latest', 'all'],
        'latest',
        'occurrences that were missed while the machine was off',
        'policy',
      ),
      field(
        'catchUp',
        'Deadline',
        'text',
        'none',
        'nothing starts later than this after its time',
        'deadline',
      ),
      field('catchUp', 'At most', 'number', '100', 'of all that were missed, the newest', 'limit'),
    ],
  },
  {
    title: 'While it runs',
    fields: [
      field('timeout', 'Timeout', 'text', '1h', 'then it is asked to end'),
      field('grace', 'Grace', 'text', '10s', 'then it is killed'),
      field('overlap', 'Overlap', ['skip', 'allow'], 'skip', 'when the run before still goes on'),
      field('splay', 'Splay', 'text', '0s', 'each machine has its own moment within'),
      field(
        'onInterrupted',
        'If power fails',
        ['fail', 'retry'],
        'fail',
        'when nobody knows whether it ended',
      ),
      field('outputCap', 'Keep output', 'text', '64KB', 'per attempt, the end of it'),
    ],
  },
  {
    title: 'When it fails',
    fields: [
      field('retry', 'Attempts', 'number', '1', 'in all', 'attempts'),
      field('retry', 'First wait', 'text', '1s', 'before the second attempt', 'initial'),
      field('retry', 'Times', 'number', '2', 'longer before each next one', 'factor'),
      field('retry', 'Longest wait', 'text', '1m', '', 'max'),
    ],
  },
];
