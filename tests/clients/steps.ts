// What a walk with filters, pages, conditions, keys and bulk writes notes of each answer.
type Step = { status: number; body: unknown; headers: Headers };
const steps: Record<string, Step> = {};

export const note = (name: string, { status, headers }: { status: number; headers: Headers }, body: unknown) => {
  steps[name] = { status, body: status === 304 ? null : body, headers };
};

export function tagOf(name: string): string {
  return steps[name]?.headers.get("ETag") ?? "";
}

export function nextCursor(name: string): string {
  return /[?&]cursor=([^&>]+)>; rel="next"/.exec(steps[name]?.headers.get("Link") ?? "")?.[1] ?? "";
}

export function print() {
  const noted = Object.entries(steps).map(([name, { status, body, headers }]) => [
    name,
    [status, body, Object.fromEntries(headers)],
  ]);
  console.log(JSON.stringify(Object.fromEntries(noted)));
}
