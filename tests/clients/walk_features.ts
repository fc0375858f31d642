// Walks filters, pages, conditions, keys and bulk writes with the generated client, and prints what came back.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";
import { nextCursor, note, print, tagOf } from "./steps.js";

type Schemas = components["schemas"];
const [baseUrl, user_id] = process.argv.slice(2) as [string, string];
const api = createClient<paths>({ baseUrl });

type Answer<T> = { data?: T; error?: unknown; response: Response };

function noted<T>(name: string, { data, error, response }: Answer<T>): T {
  note(name, response, data ?? error);
  return data as T;
}

const path = { user_id };
const TASKS = "/api/{user_id}/tasks";
const key = { path, header: { "Idempotency-Key": "walk-1" } };
for (const name of ["createTask", "replayed"]) {
  noted(name, await api.POST(TASKS, { params: key, body: { title: "Buy milk" } }));
}
noted("reused", await api.POST(TASKS, { params: key, body: { title: "Buy tea" } }));
const batch: Schemas["TaskCreate"][] = [{ title: "Buy bread" }, { title: "Call Ada" }];
const made = noted("createTasks", await api.POST("/api/{user_id}/tasks/batch", { params: { path }, body: { tasks: batch } }));
const bad = { tasks: [...batch.slice(1), { title: " " }] };
noted("invalid", await api.POST("/api/{user_id}/tasks/batch", { params: { path }, body: bad }));

const query = { q: "BUY", is_completed: false };
const bought = noted("filtered", await api.GET(TASKS, { params: { path, query } }));
const seenList = { "If-None-Match": tagOf("filtered") };
noted("unchangedList", await api.GET(TASKS, { params: { path, query, header: seenList } }));
const newest = { sort: "-created_at", limit: 2 } as const;
noted("firstPage", await api.GET(TASKS, { params: { path, query: newest } }));
noted("lastPage", await api.GET(TASKS, { params: { path, query: { ...newest, cursor: nextCursor("firstPage") } } }));
// @ts-expect-error -- no order has this name
export const unknownOrder: paths["/api/{user_id}/tasks"]["get"]["parameters"]["query"] = { sort: "title" };

const ONE = "/api/{user_id}/tasks/{task_id}";
const milk = { user_id, task_id: bought[0]!.id };
const ada = { user_id, task_id: made[1]!.id };
noted("getTask", await api.GET(ONE, { params: { path: milk } }));
const tag = tagOf("getTask");
noted("unchanged", await api.GET(ONE, { params: { path: milk, header: { "If-None-Match": tag } } }));
for (const name of ["updateTask", "conflict"]) {
  const params = { path: milk, header: { "If-Match": tag } };
  noted(name, await api.PUT(ONE, { params, body: { title: "Buy oat milk" } }));
}
const done = { params: { path: milk, header: { "If-Match": tagOf("conflict") } }, body: { is_completed: true } };
noted("toggleTaskComplete", await api.PATCH("/api/{user_id}/tasks/{task_id}/complete", done));
const buying = { params: { path, query: { q: "buy" } }, body: { is_completed: true } };
const { updated } = noted("completeTasks", await api.PATCH(TASKS, buying));
noted("deleteTask", await api.DELETE(ONE, { params: { path: ada, header: { "If-Match": "*" } } }));
noted("noFilter", await api.DELETE(TASKS, { params: { path } }));
const { deleted } = noted("deleteTasks", await api.DELETE(TASKS, { params: { path, query: { is_completed: true } } }));
noted("empty", await api.GET(TASKS, { params: { path } }));
export const counts: [number, number] = [updated, deleted];
print();
