// The same walk as walk_features.ts with the client that orval generates.
import {
  completeTasks,
  createTask,
  createTasks,
  deleteTask,
  deleteTasks,
  getTask,
  listTasks,
  type Task,
  toggleTaskComplete,
  updateTask,
} from "./orval.js";
import { nextCursor, note, print, tagOf } from "./steps.js";

const user_id = process.argv[2] as string;

function noted<A extends { data: unknown; status: number; headers: Headers }>(name: string, answer: A): A["data"] {
  note(name, answer, answer.data);
  return answer.data;
}

const key = { "Idempotency-Key": "walk-1" };
for (const name of ["createTask", "replayed"]) {
  noted(name, await createTask(user_id, { title: "Buy milk" }, key));
}
noted("reused", await createTask(user_id, { title: "Buy tea" }, key));
const tasks = [{ title: "Buy bread" }, { title: "Call Ada" }];
const made = noted("createTasks", await createTasks(user_id, { tasks })) as Task[];
noted("invalid", await createTasks(user_id, { tasks: [...tasks.slice(1), { title: " " }] }));

const query = { q: "BUY", is_completed: false };
const bought = noted("filtered", await listTasks(user_id, query)) as Task[];
noted("unchangedList", await listTasks(user_id, query, { "If-None-Match": tagOf("filtered") }));
const newest = { sort: "-created_at", limit: 2 } as const;
noted("firstPage", await listTasks(user_id, newest));
noted("lastPage", await listTasks(user_id, { ...newest, cursor: nextCursor("firstPage") }));

const milk = bought[0]!.id;
noted("getTask", await getTask(user_id, milk));
const tag = tagOf("getTask");
noted("unchanged", await getTask(user_id, milk, { "If-None-Match": tag }));
for (const name of ["updateTask", "conflict"]) {
  noted(name, await updateTask(user_id, milk, { title: "Buy oat milk" }, { "If-Match": tag }));
}
const current = { "If-Match": tagOf("conflict") };
noted("toggleTaskComplete", await toggleTaskComplete(user_id, milk, { is_completed: true }, current));
noted("completeTasks", await completeTasks(user_id, { is_completed: true }, { q: "buy" }));
noted("deleteTask", await deleteTask(user_id, made[1]!.id, { "If-Match": "*" }));
noted("noFilter", await deleteTasks(user_id));
noted("deleteTasks", await deleteTasks(user_id, { is_completed: true }));
noted("empty", await listTasks(user_id));
print();
