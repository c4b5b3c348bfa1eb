// The README's walk with the client that orval generates.
import assert from "node:assert/strict";
import * as shop from "../../build/clients/orval/shop.ts";

const [baseUrl, username] = process.argv.slice(2) as [string, string];
process.env.BASE_URL = baseUrl; // read by the generated code, as orval.config.ts says

// Register and log in
const account = { username, email: `${username}@example.com`, password: "correct horse" };
const user = await shop.createUser(account);
assert(user.status === 201);
assert.equal(user.data.username, username);
const token = await shop.createToken({ username, password: account.password });
assert(token.status === 201);
const auth = { headers: { Authorization: `Bearer ${token.data.token}` } };

// Create a todo about a product
const catalogue = await shop.listProducts({ q: "mug, red" });
assert(catalogue.status === 200);
const mug = catalogue.data.items[0];
assert(mug);
const answer = await shop.createTodo(
  {
    title: "Restock MUG-RED",
    due_at: "2027-03-01T09:00:00+01:00",
    tags: ["restock"],
    items: [{ text: "Count the shelf", done: true }, { text: "Order 48" }],
    product_id: mug.id,
  },
  {},
  auth,
);
assert(answer.status === 201);
const created = answer.data;
assert.equal(created.product_id, mug.id);
assert.deepEqual(created.progress, { done: 1, total: 2 });
assert.equal(created.due_at, "2027-03-01T08:00:00.000000Z");

// Conditional GET
const shown = await shop.getTodo(created.id, {}, auth);
const etag = shown.headers.get("ETag")!;
const same = await shop.getTodo(created.id, { "If-None-Match": etag }, auth);
assert.equal(same.status, 304);

// Optimistic locking with If-Match
const condition = { "If-Match": etag };
const won = await shop.updateTodo(created.id, { priority: "urgent" }, condition, auth);
assert(won.status === 200);
assert.equal(won.data.priority, "urgent");
const lost = await shop.updateTodo(created.id, { priority: "low" }, condition, auth);
assert(lost.status === 412);
assert.equal(lost.data.type, "/api/problems/precondition-failed");

// Idempotent POST
const call = { title: "Call the pottery", tags: ["restock"] };
const key = { "Idempotency-Key": "5f0c6a2e" };
const first = await shop.createTodo(call, key, auth);
const second = await shop.createTodo(call, key, auth);
assert(first.status === 201);
assert.deepEqual(second.data, first.data);
assert.equal(second.headers.get("Idempotency-Replayed"), "true");

// All validation errors at once
const nonsense = await shop.createTodo(
  { title: "  ", tags: ["No slug"], items: [{ text: "" }] },
  {},
  auth,
);
assert(nonsense.status === 422);
assert.deepEqual(
  nonsense.data.errors?.map(({ pointer, code }) => [pointer, code]),
  [
    ["/items/0/text", "too_short"],
    ["/tags/0", "invalid_format"],
    ["/title", "blank"],
  ],
);

// Filter, and the next page
const query = { tag: "restock", sort: "title", limit: 1 } as const;
let page = await shop.listTodos(query, {}, auth);
assert(page.status === 200);
assert.deepEqual(page.data.items.map(({ title }) => title), ["Call the pottery"]);
assert(page.data.next);
const cursor = new URL(page.data.next, baseUrl).searchParams.get("cursor")!;
page = await shop.listTodos({ ...query, cursor }, {}, auth);
assert(page.status === 200);
assert.deepEqual(page.data.items.map(({ id }) => id), [created.id]);
assert.equal(page.data.next, null);

// Delete
const deleted = await shop.deleteTodo(created.id, {}, auth);
assert.equal(deleted.status, 204);
const gone = await shop.getTodo(created.id, {}, auth);
assert.equal(gone.status, 404);
const closed = await shop.deleteCurrentUser({}, auth);
assert.equal(closed.status, 204);
