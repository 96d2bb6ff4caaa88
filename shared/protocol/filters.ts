// Topic filters of MQTT 3.1.1: what matches a topic, and which filters lie wholly inside an allowed pattern.

/** Limits of the protocol (P3): brokers differ, these hold on all of them. */
const MAX_TOPIC_BYTES = 256;
const MAX_TOPIC_LEVELS = 8;

/** A name one may publish to: printable ASCII, no wildcard, at most 256 bytes and 7 slashes. */
export function isTopic(topic: string): boolean {
  if (!/^[\x20-\x7e]+$/.test(topic) || /[+#]/.test(topic)) return false;
  return topic.length <= MAX_TOPIC_BYTES && topic.split('/').length <= MAX_TOPIC_LEVELS;
}

/** A filter one may subscribe to: `+` fills a level, `#` only as the last level. */
export function isFilter(filter: string): boolean {
  if (!/^[\x20-\x7e]+$/.test(filter) || filter.length > MAX_TOPIC_BYTES) return false;
  const levels = filter.split('/');
  if (levels.length > MAX_TOPIC_LEVELS) return false;
  return levels.every((level, index) => {
    if (level.includes('#')) return level === '#' && index === levels.length - 1;
    return level === '+' || !level.includes('+');
  });
}

/** Does `filter` take in `topic`? A leading wildcard never takes in `$` topics. */
export function filterMatches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  return covers(filter.split('/'), topic.split('/'));
}

/** Is every topic that `filter` can match also matched by `pattern`? Decides what a client may subscribe to. */
export function filterCovers(pattern: string, filter: string): boolean {
  return covers(pattern.split('/'), filter.split('/'));
}

function covers(pattern: readonly string[], levels: readonly string[]): boolean {
  for (let index = 0; index < pattern.length; index++) {
    const allowed = pattern[index];
    const asked = levels[index];
    // `a/#` also covers `a` itself (MQTT 4.7.1.2).
    if (allowed === '#') return true;
    if (asked === undefined || asked === '#') return false;
    if (allowed !== '+' && allowed !== asked) return false;
  }
  return pattern.length === levels.length;
}

/** The literal start of a filter, up to its first wildcard: what an index can look up. */
export function literalPrefix(filter: string): string {
  const at = filter.search(/[+#]/);
  return at < 0 ? filter : filter.slice(0, at);
}
