// A part of the double answers only for what it models: anything else is an error, never a silent success.

/** Wraps `part` so that reading a property it lacks throws with its name. */
export function strict<T extends object>(name: string, part: T): T {
  return new Proxy(part, {
    get: (target, key, receiver) => {
      if (key in target || typeof key === 'symbol' || key === 'then' || key === 'toJSON') {
        const value = Reflect.get(target, key, receiver === undefined ? target : target);
        return typeof value === 'function' && !isClass(value) ? value.bind(target) : value;
      }
      throw new Error(`the double does not model ${name}.${key}`);
    },
  });
}

const isClass = (value: object): boolean => Object.hasOwn(value, 'prototype');

/** Throws for options the double would otherwise ignore. */
export function onlyKeys(what: string, given: object, known: readonly string[]): void {
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) throw new Error(`the double does not model ${what} { ${key} }`);
  }
}
