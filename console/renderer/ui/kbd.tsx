// Keys as a person sees them: `mod` is Ctrl, or ⌘ on a Mac.
const MAC = /Mac|iP(hone|ad)/.test(navigator.userAgent);

export function Kbd({ keys }: { readonly keys: string }) {
  return (
    <span className="keys">
      {keys.split(' ').map((key, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same key may come twice (g g); the list never reorders.
        <kbd key={at} className="kbd">
          {key === 'mod' ? (MAC ? '⌘' : 'Ctrl') : key}
        </kbd>
      ))}
    </span>
  );
}
