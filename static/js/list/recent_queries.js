// The queries that a person asked last in a project; they are kept in this browser only.

const MOST = 5;

export const recentQueries = (project) => JSON.parse(localStorage.getItem(`queries ${project}`)) ?? [];

function keep(project, queries) {
  localStorage.setItem(`queries ${project}`, JSON.stringify(queries.slice(0, MOST)));
}

export function forget(project, query) {
  keep(project, recentQueries(project).filter((one) => one !== query));
}

export function remember(project, query) {
  if (query.trim()) keep(project, [query.trim(), ...recentQueries(project).filter((one) => one !== query.trim())]);
}
