// Every screen of the console: one entry here and one folder in screens/ add one.
import {
  Boxes,
  CalendarClock,
  Flag,
  GitPullRequestArrow,
  ListVideo,
  type LucideIcon,
} from 'lucide-react';
import { type ComponentType, lazy } from 'react';

export interface Screen {
  readonly id: string;
  /** Route pattern; parameters as `:name`. */
  readonly path: string;
  readonly title: string;
  readonly icon: LucideIcon;
  /** Second key of `g …`; absent for screens that need a parameter. */
  readonly key?: string;
  /** Shown in the rail. */
  readonly nav: boolean;
  readonly component: ComponentType;
  /** Fetches the screen's code, so that it opens even when the core has gone away since. */
  readonly preload: () => Promise<unknown>;
}

const named = (load: () => Promise<Readonly<Record<string, unknown>>>, name: string) => ({
  component: lazy(async () => ({ default: (await load())[name] as ComponentType })),
  preload: load,
});

export const screens: readonly Screen[] = [
  {
    id: 'fleet',
    path: '/fleet',
    title: 'Fleet',
    icon: Boxes,
    key: 'f',
    nav: true,
    ...named(() => import('./screens/fleet/fleet.tsx'), 'FleetScreen'),
  },
  {
    id: 'machine',
    path: '/fleet/:agent',
    title: 'Machine',
    icon: Boxes,
    nav: false,
    ...named(() => import('./screens/machine/machine.tsx'), 'MachineScreen'),
  },
  {
    id: 'schedules',
    path: '/schedules',
    title: 'Schedules',
    icon: CalendarClock,
    key: 's',
    nav: true,
    ...named(() => import('./screens/schedules/schedules.tsx'), 'SchedulesScreen'),
  },
  {
    id: 'schedule',
    path: '/schedules/:stream/:schedule',
    title: 'Schedule',
    icon: CalendarClock,
    nav: false,
    ...named(() => import('./screens/schedules/schedule.tsx'), 'ScheduleScreen'),
  },
  {
    id: 'edit',
    path: '/schedules/~edit/:stream?',
    title: 'Editor',
    icon: CalendarClock,
    nav: false,
    ...named(() => import('./screens/schedules/editor.tsx'), 'EditorScreen'),
  },
  {
    id: 'review',
    path: '/change/~review/:stream?',
    title: 'Review',
    icon: GitPullRequestArrow,
    nav: false,
    ...named(() => import('./screens/change/review.tsx'), 'ReviewScreen'),
  },
  {
    id: 'change',
    path: '/change',
    title: 'Changes',
    icon: GitPullRequestArrow,
    key: 'c',
    nav: true,
    ...named(() => import('./screens/change/changes.tsx'), 'ChangesScreen'),
  },
  {
    id: 'proposal',
    path: '/change/:proposal',
    title: 'Change',
    icon: GitPullRequestArrow,
    nav: false,
    ...named(() => import('./screens/change/proposal.tsx'), 'ProposalScreen'),
  },
  {
    id: 'runs',
    path: '/runs',
    title: 'Runs',
    icon: ListVideo,
    key: 'r',
    nav: true,
    ...named(() => import('./screens/runs/runs.tsx'), 'RunsScreen'),
  },
  {
    id: 'run',
    path: '/runs/:run',
    title: 'Run',
    icon: ListVideo,
    nav: false,
    ...named(() => import('./screens/runs/runs.tsx'), 'RunLink'),
  },
  {
    id: 'first-run',
    path: '/start',
    title: 'First run',
    icon: Flag,
    key: 'n',
    nav: true,
    ...named(() => import('./screens/first-run/first-run.tsx'), 'FirstRunScreen'),
  },
];
