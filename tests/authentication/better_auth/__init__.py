"""Better Auth with its JWT plugin and an SQLite file, as a frontend's team runs it. `server.mjs` is the whole of it."""
