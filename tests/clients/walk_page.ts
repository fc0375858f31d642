// Uses the module of docs/clients.md as the page says: `node walk_page.js PART USER_ID`. Prints what came back.
import { statuses } from "./recorded.js";
import {
  createOnce,
  createTask,
  createTasks,
  deleteCompleted,
  getTask,
  listTasks,
  pages,
  poll,
  save,
  setCompleted,
  setFound,
  type Task,
  TasksError,
} from "./tasks.js";

const [part, user_id] = process.argv.slice(2) as [string, string];

const titles = (tasks: Task[]) => tasks.map((task) => task.title);
const ignore = () => {};

async function until(isTrue: () => boolean) {
  for (let turn = 0; !isTrue(); turn++) {
    if (turn === 1000) throw new Error("This did not become true in ten seconds");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const parts: Record<string, () => Promise<unknown>> = {
  async module() {
    const task: Task = await createTask(user_id, { title: "Of the page" });
    const first = await setCompleted(task, true);
    const again = await setCompleted(task, true);
    const listed = [await getTask(task), ...(await listTasks(user_id))];
    const refused = await createTask(user_id, { title: "", description: "x".repeat(5001) }).catch((error) => error);
    const missing = await setCompleted({ ...task, id: "none" }, true).catch((error) => error);
    if (!(refused instanceof TasksError && missing instanceof TasksError)) throw new Error("no TasksError");
    const states = [first, again, ...listed].map((task) => task.is_completed);
    const errors = [refused, missing].map(({ status, message }) => [status, message]);
    return { states, errors };
  },

  async pages() {
    const bodies = Array.from({ length: 99 }, (_, number) => ({ title: `Task ${number}` }));
    await createTasks(user_id, bodies);
    await createTasks(user_id, [{ title: "Buy milk" }, { title: "Buy bread" }, { title: "Buy tea" }]);
    const lengths = [];
    for await (const tasks of pages(user_id)) lengths.push(tasks.length);
    const found = [];
    for await (const tasks of pages(user_id, { q: "buy", sort: "-created_at", limit: 2 })) found.push(titles(tasks));
    return { lengths, found };
  },

  async save() {
    const seen = await createTask(user_id, { title: "Buy milk" });
    const shown: (string | null)[][] = [];
    const show = ({ title, description }: Task) => shown.push([title, description]);
    const results = [await save(seen, { title: "Buy oat milk" }, show)];
    // What the user saw is older than this by now.
    results.push(await save(seen, { description: "Two litres" }, show));
    results.push(await save(seen, { title: "Buy soy milk" }, show));
    const kept = await getTask(seen);
    const refused = await save(kept, { title: " " }, show).catch((error) => error.status);
    return { results, shown, refused, kept: [kept.title, kept.description] };
  },

  async createOnce() {
    const key = crypto.randomUUID();
    const made = await createOnce(user_id, { title: "Once" }, key);
    const again = await createOnce(user_id, { title: "Once" }, key);
    const other = await createOnce(user_id, { title: "Another" });
    const refused = await createOnce(user_id, { title: "Not the same" }, key).catch((error) => error.status);
    return { isSame: made.id === again.id, listed: titles(await listTasks(user_id)), other: other.title, refused };
  },

  async poll() {
    const task = await createTask(user_id, { title: "Seen" });
    const shown: string[][] = [];
    const stop = new AbortController();
    const polling = poll(user_id, (tasks) => shown.push(titles(tasks)), stop.signal, 0.01);
    const isUnchanged = () => statuses.at(-1) === 304;
    await until(isUnchanged);
    await save(task, { title: "Changed" }, ignore);
    await until(() => shown.length === 2 && isUnchanged());
    stop.abort();
    await polling;
    return { shown, statuses: statuses.filter((status, index) => status !== statuses[index - 1]) };
  },

  async many() {
    const made = await createTasks(user_id, [{ title: "Buy milk" }, { title: "Buy bread" }, { title: "Call Ada" }]);
    const refused = await createTasks(user_id, [{ title: "Fine" }, { title: " " }]).catch((error) => error.detail);
    const counts = [await setFound(user_id, "buy", true), await deleteCompleted(user_id)];
    return { made: titles(made), refused, counts, left: titles(await listTasks(user_id)) };
  },
};

console.log(JSON.stringify(await parts[part]!()));
