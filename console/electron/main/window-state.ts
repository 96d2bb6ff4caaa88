// Where the window was: read with suspicion, and never off every screen. Pure.
import { z } from 'zod';

const edge = z.int().min(-100_000).max(100_000);
const size = z.int().min(200).max(20_000);
export const windowStateSchema = z.strictObject({
  x: edge.optional(),
  y: edge.optional(),
  width: size,
  height: size,
  maximized: z.boolean(),
});
export type WindowState = z.infer<typeof windowStateSchema>;

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const DEFAULT_WINDOW: WindowState = { width: 1280, height: 832, maximized: false };
/** So much of a window must be on a screen for a hand to get hold of it. */
const GRIP = 80;

/** The state with sizes that fit, and without a place no screen shows. */
export function fitWindow(state: WindowState, screens: readonly Rectangle[]): WindowState {
  const { x, y, width, height, maximized } = state;
  const { x: left, y: top } = state;
  const screen =
    left === undefined || top === undefined
      ? undefined
      : screens.find((area) => overlaps(area, { x: left, y: top, width, height }));
  const widest = screen ?? screens[0];
  const fitted = {
    width: Math.min(width, widest?.width ?? width),
    height: Math.min(height, widest?.height ?? height),
    maximized,
  };
  return screen && x !== undefined && y !== undefined ? { x, y, ...fitted } : fitted;
}

const overlaps = (area: Rectangle, window: Rectangle): boolean =>
  Math.min(area.x + area.width, window.x + window.width) - Math.max(area.x, window.x) >= GRIP &&
  window.y >= area.y &&
  area.y + area.height - window.y >= GRIP;
