// Notes the status of each answer to a GET. The page's module finds this fetch when it is imported after it.
const send = globalThis.fetch;

export const statuses: number[] = [];
globalThis.fetch = async (...request: Parameters<typeof fetch>) => {
  const answer = await send(...request);
  const [sent] = request;
  if (sent instanceof Request && sent.method === "GET") statuses.push(answer.status);
  return answer;
};
