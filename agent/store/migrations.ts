// The numbered migrations of the agent's file. Only ever append: one file and one line.
import type { Migration } from '#shared/node/sqlite.ts';
import { first } from './migrations/001-first.ts';

export const migrations: readonly Migration[] = [first];
