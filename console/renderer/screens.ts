// Every screen of the console: one entry here and one folder in screens/ add one.
import { Boxes, type LucideIcon } from 'lucide-react';
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
}

const named = (load: () => Promise<Readonly<Record<string, unknown>>>, name: string) =>
  lazy(async () => ({ default: (await load())[name] as ComponentType }));

export const screens: readonly Screen[] = [
  {
    id: 'fleet',
    path: '/fleet',
    title: 'Fleet',
    icon: Boxes,
    key: 'f',
    nav: true,
    component: named(() => import('./screens/fleet/fleet.tsx'), 'FleetScreen'),
  },
  {
    id: 'machine',
    path: '/fleet/:agent',
    title: 'Machine',
    icon: Boxes,
    nav: false,
    component: named(() => import('./screens/machine/machine.tsx'), 'MachineScreen'),
  },
];
