// The same walk as walk_features.ts with the client that hey-api generates.
import {
  completeTasks,
  createTask,
  createTasks,
  deleteTask,
  deleteTasks,
  getTask,
  listTasks,
  toggleTaskComplete,
  updateTask,
} from "./hey_api/index.js";
import { client } from "./hey_api/client.gen.js";
import { nextCursor, note, print, tagOf } from "./steps.js";

const [baseUrl, user_id] = process.argv.slice(2) as [string, string];
client.setConfig({ baseUrl });

type Answer<T> = { data?: T; error?: unknown; response?: Response };

function noted<T>(name: string, { data, error, response }: Answer<T>): T {
  note(name, response!, data ?? error);
  return data as T;
}

const path = { user_id };
const headers = { "Idempotency-Key": "walk-1" };
for (const name of ["createTask", "replayed"]) {
  noted(name, await createTask({ path, headers, body: { title: "Buy milk" } }));
}
noted("reused", await createTask({ path, headers, body: { title: "Buy tea" } }));
const tasks = [{ title: "Buy bread" }, { title: "Call Ada" }];
const made = noted("createTasks", await createTasks({ path, body: { tasks } }));
noted("invalid", await createTasks({ path, body: { tasks: [...tasks.slice(1), { title: " " }] } }));

const query = { q: "BUY", is_completed: false };
const bought = noted("filtered", await listTasks({ path, query }));
noted("unchangedList", await listTasks({ path, query, headers: { "If-None-Match": tagOf("filtered") } }));
const newest = { sort: "-created_at", limit: 2 } as const;
noted("firstPage", await listTasks({ path, query: newest }));
noted("lastPage", await listTasks({ path, query: { ...newest, cursor: nextCursor("firstPage") } }));

const milk = { user_id, task_id: bought[0]!.id };
noted("getTask", await getTask({ path: milk }));
const tag = tagOf("getTask");
noted("unchanged", await getTask({ path: milk, headers: { "If-None-Match": tag } }));
for (const name of ["updateTask", "conflict"]) {
  noted(name, await updateTask({ path: milk, headers: { "If-Match": tag }, body: { title: "Buy oat milk" } }));
}
const current = { "If-Match": tagOf("conflict") };
noted("toggleTaskComplete", await toggleTaskComplete({ path: milk, headers: current, body: { is_completed: true } }));
noted("completeTasks", await completeTasks({ path, query: { q: "buy" }, body: { is_completed: true } }));
noted("deleteTask", await deleteTask({ path: { user_id, task_id: made[1]!.id }, headers: { "If-Match": "*" } }));
noted("noFilter", await deleteTasks({ path }));
noted("deleteTasks", await deleteTasks({ path, query: { is_completed: true } }));
noted("empty", await listTasks({ path }));
print();
