export default {
  tasks: {
    input: "openapi.json",
    output: {
      target: "orval.ts",
      client: "fetch",
      headers: true,
      urlEncodeParameters: true,
      baseUrl: { runtime: "process.env.TASKS_URL" },
    },
  },
};
