// The page of a job goes on to what came of it, a dataset or a file, when it is done.

document.addEventListener("htmx:afterSettle", () => document.querySelector(".job a[data-follow]")?.click());
