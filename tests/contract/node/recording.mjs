// What a client sends and is answered, noted on the way.

const CHAT = "/chat/completions";

// `fetch` for a client: as ever, but `exchanges` gets what went through it.
export function recorder() {
  const exchanges = [];
  const record = async (input, init) => {
    const request = new Request(input, init);
    const exchange = { path: new URL(request.url).pathname, sent: await request.clone().json() };
    exchanges.push(exchange);
    const response = await fetch(request);
    exchange.status = response.status;
    exchange.answered = response.clone().text();
    return response;
  };
  return { exchanges, fetch: record };
}

// The interaction that the last exchange was logged as, and the body that was sent.
async function last(exchanges) {
  const one = exchanges.findLast(({ path }) => path.endsWith(CHAT));
  const id = one && /"id":\s*"([0-9a-f-]{36})"/.exec(await one.answered);
  return { id: id ? id[1] : null, sent: one ? one.sent : null };
}

// What each case comes to: what it returns, or the error that it raises.
export async function outcomes(cases, exchanges) {
  const found = {};
  for (const [name, run] of Object.entries(cases)) {
    exchanges.length = 0;
    let got;
    try {
      got = await run();
    } catch (error) {
      got = { error: error.name, status: statusOf(error), message: error.message };
    }
    found[name] = { ...got, ...(await last(exchanges)), requests: exchanges.length };
  }
  return found;
}

function statusOf(error) {
  return error.statusCode ?? error.status ?? (error.cause ? statusOf(error.cause) : null);
}
