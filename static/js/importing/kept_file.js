// The file that is being sent, kept by the browser so that a reload need not ask for it again.

const LARGEST = 512 * 1024 * 1024; // a copy is made on disk
const STORE = "files";

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("imports", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

// Whatever fails (a private window, a full disk) costs no more than choosing the file again.
async function asked(mode, ask) {
  let database;
  try {
    database = await opened();
    return await new Promise((resolve, reject) => {
      const request = ask(database.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  } catch {
    return undefined;
  } finally {
    database?.close();
  }
}

export const kept = (page) => asked("readonly", (store) => store.get(page));

export const forget = (page) => asked("readwrite", (store) => store.delete(page));

export const keep = (page, file) =>
  file.size <= LARGEST ? asked("readwrite", (store) => store.put(file, page)) : undefined;
