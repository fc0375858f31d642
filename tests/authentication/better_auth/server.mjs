// `node server.mjs DATABASE_FILE SECRET` prints its URL once it serves, and ends when its standard input ends.

import { createServer } from "node:http";

import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { jwt } from "better-auth/plugins";
import { SqliteDialect } from "kysely";
import Database from "libsql";

const [file, secret] = process.argv.slice(2);
const server = createServer();

server.listen(0, "127.0.0.1", async () => {
  // The default issuer and audience of its tokens. So the port must be known first.
  const baseURL = `http://127.0.0.1:${server.address().port}`;
  const auth = betterAuth({
    baseURL,
    secret,
    database: new SqliteDialect({ database: new Database(file) }),
    emailAndPassword: { enabled: true },
    plugins: [jwt({ jwks: { rotationInterval: 30 * 24 * 60 * 60 } })],
    session: { cookieCache: { enabled: true, strategy: "jwt" } },
  });
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();
  server.on("request", toNodeHandler(auth));
  console.log(baseURL);
});
// The pipe from the tests ends however they end.
process.stdin.resume().on("end", () => process.exit());
