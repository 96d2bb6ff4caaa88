// The wire both ways: {id, method, params} → {id, ok, value|fault}, and {push}. The same on the socket and the WebSocket.
import { z } from 'zod';
import { consoleApi, type MethodName, type Push } from '#console/api.ts';
import type { Core } from '#console/core/core.ts';
import { err, type Fault, type Result } from '#shared/result.ts';

/** Largest request, in bytes: a plan of a large fleet fits, a mistake does not fill the memory. */
export const MAX_REQUEST_BYTES = 32 * 1024 * 1024;

const requestId = z.union([z.int(), z.string().max(64)]);
const requestSchema = z.strictObject({
  id: requestId,
  method: z.string().max(64),
  params: z.unknown().optional(),
});

const faultSchema = z.looseObject({ code: z.string(), message: z.string() });
/** What a client reads; `ok` tells an answer from a push. */
export const replySchema = z.union([
  z.strictObject({ id: requestId.nullable(), ok: z.literal(true), value: z.unknown() }),
  z.strictObject({ id: requestId.nullable(), ok: z.literal(false), fault: faultSchema }),
  z.strictObject({ push: z.looseObject({ kind: z.string() }) }),
]);

export const pushText = (push: Push): string => JSON.stringify({ push });

const replyText = (id: string | number | null, result: Result<unknown>): string =>
  // `value: undefined` would vanish from the JSON and leave no answer.
  JSON.stringify(result.ok ? { id, ok: true, value: result.value ?? null } : { id, ...result });

export const faultText = (fault: Fault): string => replyText(null, { ok: false, fault });

/** Answers one request as text. Whatever came in, something comes out: faults BAD_REQUEST, METHOD_NOT_FOUND, INTERNAL. */
export async function answer(core: Core, text: string): Promise<string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return replyText(null, err('BAD_REQUEST', 'a request is one JSON object'));
  }
  const request = requestSchema.safeParse(json);
  if (!request.success) {
    const hint = 'send {"id":1,"method":"core.status","params":{}}';
    return replyText(idOf(json), err('BAD_REQUEST', 'not a request', { hint }));
  }
  const { id, method, params } = request.data;
  return replyText(id, await callByName(core, method, params ?? {}));
}

/** A fault still finds its caller when only the rest of the request was wrong. */
function idOf(json: unknown): string | number | null {
  const found = z.looseObject({ id: requestId }).safeParse(json);
  return found.success ? found.data.id : null;
}

export const isMethod = (name: string): name is MethodName => Object.hasOwn(consoleApi, name);

/** Calls a method named by a stranger. A bug inside answers INTERNAL, so that one request cannot end the core. */
export async function callByName(
  core: Core,
  method: string,
  params: unknown,
): Promise<Result<unknown>> {
  if (!isMethod(method))
    return err('METHOD_NOT_FOUND', `there is no method ${method.slice(0, 64)}`);
  const parsed = consoleApi[method].params.safeParse(params);
  if (!parsed.success) return err('PARAMS', z.prettifyError(parsed.error));
  try {
    return await core.call(method, parsed.data as never);
  } catch (error) {
    console.error(error);
    return err('INTERNAL', 'a bug in the core stopped this request', {
      hint: 'the log of `muster serve` has the details; please report it',
    });
  }
}
