// orval takes what its command line has no option for from a file.
export default {
  shop: {
    input: "../openapi.yaml",
    output: {
      target: "../build/clients/orval/shop.ts",
      client: "fetch",
      headers: true, // so that If-Match and Idempotency-Key are parameters
      baseUrl: { runtime: "process.env.BASE_URL" },
    },
  },
};
