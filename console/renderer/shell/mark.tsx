// The mark: a roll call in which everybody is accounted for, also those who did not answer.
const MISSING = new Set([4, 7]);

export function Mark({ size = 18 }: { readonly size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      {Array.from({ length: 9 }, (_, at) => at).map((at) => (
        <rect
          key={at}
          x={1 + (at % 3) * 5}
          y={1 + Math.floor(at / 3) * 5}
          width="4"
          height="4"
          rx="1"
          opacity={MISSING.has(at) ? 0.32 : 1}
        />
      ))}
    </svg>
  );
}
