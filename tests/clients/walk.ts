// Walks the six operations and two errors with the generated client, and prints what came back.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

type Schemas = components["schemas"];
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type ATask = {
  id: string;
  user_id: string;
  title: string;
  description: string | null;
  is_completed: boolean;
  created_at: string;
  updated_at: string;
};
type Members = { description?: string | null; is_completed?: boolean };
type AProblem = { loc: (string | number)[]; msg: string; type: string };
type Flat<T> = { [K in keyof T]: T[K] };

// A member that is missing, loose or optional where it should not be does not compile.
export const exact: [
  Equal<Schemas["Task"], ATask>,
  Equal<Schemas["TaskCreate"], Flat<{ title: string } & Members>>,
  Equal<Schemas["TaskUpdate"], Flat<{ title?: string } & Members>>,
  Equal<Schemas["TaskCompletion"], { is_completed?: boolean }>,
  Equal<Schemas["ErrorDetail"], { detail: string }>,
  Equal<Schemas["Invalid"], { detail: AProblem[] }>,
] = [true, true, true, true, true, true];

const [baseUrl, user_id] = process.argv.slice(2) as [string, string];
const api = createClient<paths>({ baseUrl });
const steps: Record<string, [number, unknown]> = {};

function note<T>(name: string, { data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  steps[name] = [response.status, data ?? error];
  return data as T;
}

const owner = { params: { path: { user_id } } };
const task = note("createTask", await api.POST("/api/{user_id}/tasks", { ...owner, body: { title: "Walk" } }));
const one = { params: { path: { user_id, task_id: task.id } } };
const changes = { title: "Run", description: "" };
note("listTasks", await api.GET("/api/{user_id}/tasks", owner));
note("getTask", await api.GET("/api/{user_id}/tasks/{task_id}", one));
note("updateTask", await api.PUT("/api/{user_id}/tasks/{task_id}", { ...one, body: changes }));
const completed = { ...one, body: { is_completed: true } };
note("toggleTaskComplete", await api.PATCH("/api/{user_id}/tasks/{task_id}/complete", completed));
note("retried", await api.PATCH("/api/{user_id}/tasks/{task_id}/complete", completed));
note("flipped", await api.PATCH("/api/{user_id}/tasks/{task_id}/complete", one));
note("deleteTask", await api.DELETE("/api/{user_id}/tasks/{task_id}", one));

const gone = await api.GET("/api/{user_id}/tasks/{task_id}", one);
note("notFound", gone);
// @ts-expect-error -- a title is required
const invalid = await api.POST("/api/{user_id}/tasks", { ...owner, body: {} });
note("invalid", invalid);
if (gone.error && invalid.error) {
  // Every error has a detail, whichever the status.
  const details: (string | AProblem[])[] = [gone.error.detail, invalid.error.detail];
  steps["details"] = [details.length, details];
}
console.log(JSON.stringify(steps));
