// Reads a calendar from stdin as Thunderbird does, and prints its tasks.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const loaded = createRequire(`${process.cwd()}/`)("ical.js");
const ICAL = loaded.default ?? loaded;
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
const tasks = calendar.getAllSubcomponents("vtodo").map((todo) => ({
  uid: todo.getFirstPropertyValue("uid"),
  summary: todo.getFirstPropertyValue("summary"),
  description: todo.getFirstPropertyValue("description"),
  status: todo.getFirstPropertyValue("status"),
  percent: todo.getFirstPropertyValue("percent-complete"),
  created: todo.getFirstPropertyValue("created").toString(),
  owner: todo.getFirstPropertyValue("x-user-id"),
}));
console.log(JSON.stringify(tasks));
