// What Flask-Admin's lists have in attributes, which the Content-Security-Policy doesn't let run.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-action]");
  if (button) modelActions.execute(button.dataset.action);
});
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});
