// Uses the module of docs/clients.md, and prints what came back.
import { createTask, listTasks, setCompleted, TasksError, type Task } from "./tasks.js";

const user_id = process.argv[2] as string;
const task: Task = await createTask(user_id, { title: "Of the page" });
const first = await setCompleted(task, true);
const again = await setCompleted(task, true);
const listed = await listTasks(user_id);
const refused = await createTask(user_id, { title: "", description: "x".repeat(5001) }).catch((error) => error);
const missing = await setCompleted({ ...task, id: "none" }, true).catch((error) => error);
if (!(refused instanceof TasksError && missing instanceof TasksError)) throw new Error("no TasksError");
const states = [first, again, ...listed].map((task) => task.is_completed);
const errors = [refused, missing].map(({ status, message }) => [status, message]);
console.log(JSON.stringify({ states, errors }));
