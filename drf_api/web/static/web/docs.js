window.addEventListener("DOMContentLoaded", () => {
  SwaggerUIBundle({ dom_id: "#swagger-ui", url: "/api/openapi.json", validatorUrl: null });
});
