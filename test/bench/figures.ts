// The list of figures. A new one is one file in figures/ and one line here.
import type { Figure } from './figure.ts';
import { p1 } from './figures/p1-one-job.ts';
import { p2 } from './figures/p2-burst.ts';
import { p3 } from './figures/p3-blocked.ts';
import { p5 } from './figures/p5-burst-cpu.ts';
import { p6 } from './figures/p6-memory.ts';
import { p7 } from './figures/p7-idle-cpu.ts';
import { p8 } from './figures/p8-ready.ts';
import { p9 } from './figures/p9-commits.ts';
import { p13 } from './figures/p13-queries.ts';
import { p17 } from './figures/p17-next.ts';

export const FIGURES: readonly Figure[] = [p1, p2, p3, p5, p6, p7, p8, p9, p13, p17];
