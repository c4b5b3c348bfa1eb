// The README's walk with openapi-fetch and the types that openapi-typescript generates.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "../../build/clients/openapi-fetch/shop.ts";

const [baseUrl, username] = process.argv.slice(2) as [string, string];
const client = createClient<paths>({ baseUrl });

// Register and log in
const account = { username, email: `${username}@example.com`, password: "correct horse" };
const user = await client.POST("/api/users", { body: account });
assert.equal(user.data?.username, username);
const token = await client.POST("/api/tokens", { body: { username, password: account.password } });
assert(token.data);
const authorization = `Bearer ${token.data.token}`;
client.use({ onRequest: ({ request }) => request.headers.set("Authorization", authorization) });

// Create a todo about a product
const catalogue = await client.GET("/api/products", { params: { query: { q: "mug, red" } } });
const mug = catalogue.data?.items[0];
assert(mug);
const { data: created } = await client.POST("/api/todos", {
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
const shown = await client.GET("/api/todos/{todo_id}", { params: { path } });
const etag = shown.response.headers.get("ETag")!;
const same = await client.GET("/api/todos/{todo_id}", {
  params: { path, header: { "If-None-Match": etag } },
});
assert.equal(same.response.status, 304);

// Optimistic locking with If-Match
const condition = { path, header: { "If-Match": etag } };
const won = await client.PATCH("/api/todos/{todo_id}", {
  params: condition,
  body: { priority: "urgent" },
});
assert.equal(won.data?.priority, "urgent");
const lost = await client.PATCH("/api/todos/{todo_id}", {
  params: condition,
  body: { priority: "low" },
});
assert.equal(lost.error?.status, 412);
assert.equal(lost.error.type, "/api/problems/precondition-failed");

// Idempotent POST
const call = {
  params: { header: { "Idempotency-Key": "5f0c6a2e" } },
  body: { title: "Call the pottery", tags: ["restock"] },
};
const first = await client.POST("/api/todos", call);
const second = await client.POST("/api/todos", call);
assert(first.data);
assert.deepEqual(second.data, first.data);
assert.equal(second.response.headers.get("Idempotency-Replayed"), "true");

// All validation errors at once
const nonsense = await client.POST("/api/todos", {
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
let page = await client.GET("/api/todos", { params: { query } });
assert.deepEqual(page.data?.items.map(({ title }) => title), ["Call the pottery"]);
assert(page.data.next);
const cursor = new URL(page.data.next, baseUrl).searchParams.get("cursor")!;
page = await client.GET("/api/todos", { params: { query: { ...query, cursor } } });
assert.deepEqual(page.data?.items.map(({ id }) => id), [created.id]);
assert.equal(page.data.next, null);

// Delete
const deleted = await client.DELETE("/api/todos/{todo_id}", { params: { path } });
assert.equal(deleted.response.status, 204);
const gone = await client.GET("/api/todos/{todo_id}", { params: { path } });
assert.equal(gone.error?.status, 404);
const closed = await client.DELETE("/api/users/me");
assert.equal(closed.response.status, 204);
