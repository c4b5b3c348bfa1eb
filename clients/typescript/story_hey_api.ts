// The README's walk with the client that @hey-api/openapi-ts generates.
import assert from "node:assert/strict";
import * as shop from "../../build/clients/hey-api/shop/index.ts";
import { client } from "../../build/clients/hey-api/shop/client.gen.ts";

const [baseUrl, username] = process.argv.slice(2) as [string, string];
client.setConfig({ baseUrl });

// Register and log in
const account = { username, email: `${username}@example.com`, password: "correct horse" };
const user = await shop.createUser({ body: account });
assert.equal(user.data?.username, username);
const token = await shop.createToken({ body: { username, password: account.password } });
client.setConfig({ auth: token.data?.token });

// Create a todo about a product
const catalogue = await shop.listProducts({ query: { q: "mug, red" } });
const mug = catalogue.data?.items[0];
assert(mug);
const { data: created } = await shop.createTodo({
  body: {
    title: "Restock MUG-RED",
    due_at: "2027-03-01T09:00:00+01:00",
    tags: ["restock"],
    items: [{ text: "Count the shelf", done: true }, { text: "Order 48" }],
    product_id: mug.id,
  },
});
assert(created);
assert.equal(created.product_id, mug.id);
assert.deepEqual(created.progress, { done: 1, total: 2 });
assert.equal(created.due_at, "2027-03-01T08:00:00.000000Z");

// Conditional GET
const path = { todo_id: created.id };
const shown = await shop.getTodo({ path });
const etag = shown.response?.headers.get("ETag")!;
const same = await shop.getTodo({ path, headers: { "If-None-Match": etag } });
assert.equal(same.response?.status, 304);

// Optimistic locking with If-Match
const headers = { "If-Match": etag };
const won = await shop.updateTodo({ path, headers, body: { priority: "urgent" } });
assert.equal(won.data?.priority, "urgent");
const lost = await shop.updateTodo({ path, headers, body: { priority: "low" } });
assert.equal(lost.error?.status, 412);
assert.equal(lost.error.type, "/api/problems/precondition-failed");

// Idempotent POST
const call = {
  headers: { "Idempotency-Key": "5f0c6a2e" },
  body: { title: "Call the pottery", tags: ["restock"] },
};
const first = await shop.createTodo(call);
const second = await shop.createTodo(call);
assert(first.data);
assert.deepEqual(second.data, first.data);
assert.equal(second.response?.headers.get("Idempotency-Replayed"), "true");

// All validation errors at once
const nonsense = await shop.createTodo({
  body: { title: "  ", tags: ["No slug"], items: [{ text: "" }] },
});
assert.deepEqual(
  nonsense.error?.errors?.map(({ pointer, code }) => [pointer, code]),
  [
    ["/items/0/text", "too_short"],
    ["/tags/0", "invalid_format"],
    ["/title", "blank"],
  ],
);

// Filter, and the next page
const query = { tag: "restock", sort: "title", limit: 1 } as const;
let page = await shop.listTodos({ query });
assert.deepEqual(page.data?.items.map(({ title }) => title), ["Call the pottery"]);
assert(page.data.next);
const cursor = new URL(page.data.next, baseUrl).searchParams.get("cursor")!;
page = await shop.listTodos({ query: { ...query, cursor } });
assert.deepEqual(page.data?.items.map(({ id }) => id), [created.id]);
assert.equal(page.data.next, null);

// Delete
const deleted = await shop.deleteTodo({ path });
assert.equal(deleted.response?.status, 204);
const gone = await shop.getTodo({ path });
assert.equal(gone.error?.status, 404);
const closed = await shop.deleteCurrentUser();
assert.equal(closed.response?.status, 204);
