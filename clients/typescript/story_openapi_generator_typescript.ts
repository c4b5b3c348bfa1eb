// The README's walk with the client that openapi-generator's `typescript-fetch` generates.
import assert from "node:assert/strict";
import {
  Configuration,
  Priority,
  ProblemFromJSON,
  ProductsApi,
  ResponseError,
  TodosApi,
  TodoSort,
  TokensApi,
  UsersApi,
  type Problem,
} from "../../build/clients/openapi-generator-typescript/shop/index.ts";

const [basePath, username] = process.argv.slice(2) as [string, string];

/** The problem with which a call fails: its body comes unread, whatever the file says of it. */
async function problem(call: Promise<unknown>): Promise<Problem> {
  const error = await call.then(() => assert.fail("was taken"), (reason: unknown) => reason);
  assert(error instanceof ResponseError);
  return ProblemFromJSON(await error.response.json());
}

// Register and log in
const anybody = new Configuration({ basePath });
const credentials = { username, password: "correct horse" };
const userInput = { ...credentials, email: `${username}@example.com` };
const user = await new UsersApi(anybody).createUser({ userInput });
assert.equal(user.username, username);
const token = await new TokensApi(anybody).createToken({ credentials });
const configuration = new Configuration({ basePath, accessToken: token.token });
const todos = new TodosApi(configuration);

// Create a todo about a product
const mug = (await new ProductsApi(anybody).listProducts({ q: "mug, red" })).items[0];
assert(mug);
const created = await todos.createTodo({
  todoInput: {
    title: "Restock MUG-RED",
    dueAt: new Date("2027-03-01T09:00:00+01:00"),
    tags: new Set(["restock"]),
    items: [{ text: "Count the shelf", done: true }, { text: "Order 48" }],
    productId: mug.id,
  },
});
assert.equal(created.productId, mug.id);
assert.deepEqual(created.progress, { done: 1, total: 2 });
assert.equal(created.dueAt?.toISOString(), "2027-03-01T08:00:00.000Z");

// Conditional GET
const todoId = created.id;
const shown = await todos.getTodoRaw({ todoId });
const etag = shown.raw.headers.get("ETag")!;
await assert.rejects(
  todos.getTodo({ todoId, ifNoneMatch: etag }),
  (error) => error instanceof ResponseError && error.response.status === 304,
);

// Optimistic locking with If-Match
const urgent = { todoId, todoPatch: { priority: Priority.Urgent }, ifMatch: etag };
assert.equal((await todos.updateTodo(urgent)).priority, Priority.Urgent);
const lost = await problem(todos.updateTodo(urgent));
assert.equal(lost.status, 412);
assert.equal(lost.type, "/api/problems/precondition-failed");

// Idempotent POST
const call = {
  todoInput: { title: "Call the pottery", tags: new Set(["restock"]) },
  idempotencyKey: "5f0c6a2e",
};
const first = await todos.createTodo(call);
const second = await todos.createTodoRaw(call);
assert.deepEqual(await second.value(), first);
assert.equal(second.raw.headers.get("Idempotency-Replayed"), "true");

// All validation errors at once
const nonsense = await problem(
  todos.createTodo({
    todoInput: { title: "  ", tags: new Set(["No slug"]), items: [{ text: "" }] },
  }),
);
assert.deepEqual(
  nonsense.errors?.map(({ pointer, code }) => [pointer, code]),
  [
    ["/items/0/text", "too_short"],
    ["/tags/0", "invalid_format"],
    ["/title", "blank"],
  ],
);

// Filter, and the next page
const query = { tag: "restock", sort: TodoSort.TITLE, limit: 1 };
let page = await todos.listTodos(query);
assert.deepEqual(page.items.map(({ title }) => title), ["Call the pottery"]);
assert(page.next);
const cursor = new URL(page.next, basePath).searchParams.get("cursor")!;
page = await todos.listTodos({ ...query, cursor });
assert.deepEqual(page.items.map(({ id }) => id), [todoId]);
assert.equal(page.next, null);

// Delete
await todos.deleteTodo({ todoId });
assert.equal((await problem(todos.getTodo({ todoId }))).status, 404);
await new UsersApi(configuration).deleteCurrentUser();
