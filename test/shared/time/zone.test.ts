// Segments of constant offset: T17 of shared/time/SPEC.md.
import { describe, expect, it } from 'vitest';
import { gapOfWall, instantsOfWall, openZone, type Zone } from '#shared/time/zone.ts';
import { wallOf } from './oracle.ts';

const HOUR_MS = 3_600_000;

function zoneNamed(name: string): Zone {
  const zone = openZone(name);
  if (!zone) throw new Error(`no zone ${name}`);
  return zone;
}

describe('segments', () => {
  it('say for every zone and odd moments what Intl says', () => {
    for (const name of Intl.supportedValuesOf('timeZone')) {
      const zone = zoneNamed(name);
      for (let index = 0; index < 9; index += 1) {
        const at = Date.UTC(1901, 0, 1) + index * 5_234_567 * 83_000;
        const wall = wallOf(at, name);
        const shown = Date.UTC(
          wall.year,
          wall.month - 1,
          wall.day,
          wall.hour,
          wall.minute,
          wall.second,
        );
        expect(`${name} ${zone.segmentAt(at).offsetMs}`).toBe(`${name} ${shown - at}`);
      }
    }
  });

  it('join without a hole, and know the offset before them', () => {
    const zone = zoneNamed('Africa/Casablanca');
    let segment = zone.segmentAt(Date.UTC(2020, 0, 1));
    let changes = 0;
    while (segment.endAt < Date.UTC(2026, 0, 1)) {
      const following = zone.segmentAt(segment.endAt);
      expect(following.startAt).toBe(segment.endAt);
      expect(following.priorOffsetMs).toBe(segment.offsetMs);
      expect(zone.segmentAt(segment.endAt - 1)).toEqual(segment);
      if (following.offsetMs !== segment.offsetMs) changes += 1;
      segment = following;
    }
    expect(changes).toBe(12);
  });

  it('find the second of a change', () => {
    expect(zoneNamed('Europe/Berlin').segmentAt(Date.UTC(2026, 5, 1))).toEqual({
      startAt: Date.parse('2026-03-29T01:00:00Z'),
      endAt: Date.parse('2026-10-25T01:00:00Z'),
      offsetMs: 2 * HOUR_MS,
      priorOffsetMs: HOUR_MS,
    });
  });

  it('an unknown zone is undefined, also when asked again', () => {
    expect(openZone('Mars/Olympus')).toBeUndefined();
    expect(openZone('Mars/Olympus')).toBeUndefined();
    expect(openZone('')).toBeUndefined();
  });
});

describe('wall-clock times', () => {
  const berlin = zoneNamed('Europe/Berlin');

  it('a usual one is one instant, a repeated one two, a skipped one none', () => {
    expect(instantsOfWall(berlin, Date.UTC(2026, 6, 1, 12))).toEqual([Date.UTC(2026, 6, 1, 10)]);
    expect(instantsOfWall(berlin, Date.UTC(2026, 9, 25, 2, 30))).toEqual([
      Date.UTC(2026, 9, 25, 0, 30),
      Date.UTC(2026, 9, 25, 1, 30),
    ]);
    expect(instantsOfWall(berlin, Date.UTC(2026, 2, 29, 2, 30))).toEqual([]);
  });

  it('a gap knows its end and length', () => {
    expect(gapOfWall(berlin, Date.UTC(2026, 2, 29, 2, 30))).toEqual({
      endAt: Date.UTC(2026, 2, 29, 1),
      lengthMs: HOUR_MS,
    });
    expect(gapOfWall(berlin, Date.UTC(2026, 2, 29, 3))).toBeUndefined();
    expect(gapOfWall(zoneNamed('Pacific/Apia'), Date.UTC(2011, 11, 30, 12))?.lengthMs).toBe(
      24 * HOUR_MS,
    );
  });
});
