// OpenAI's own client for JavaScript.

export function cases({ client, asked, picture }) {
  const { completions } = client.chat;
  const user = (text) => [{ role: "user", content: text }];
  const parameters = { type: "object", properties: { town: { type: "string" } }, required: ["town"] };
  const tools = [{ type: "function", function: { name: "weather", parameters } }];
  const ask = (text, more) => completions.create({ model: asked.talker, messages: user(text), ...more });
  const stream = async (text, more) => {
    const model = { model: asked.talker, messages: user(text), stream_options: { include_usage: true } };
    const running = completions.stream({ ...model, ...more });
    let pieces = 0;
    running.on("content", () => (pieces += 1));
    return { ...said(await running.finalChatCompletion()), pieces };
  };

  return {
    whole: async () => said(await ask(asked.hello, { stop: null })),
    streamed: () => stream(asked.hello),
    tools: () => stream(asked.weather, { tools }),
    answered: async () => {
      const first = (await ask(asked.weather, { tools })).choices[0].message;
      const results = first.tool_calls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "sunny" }));
      const messages = [...user(asked.weather), first, ...results];
      return said(await ask("", { messages, tools }));
    },
    picture: async () => {
      const url = `data:image/png;base64,${Buffer.from(picture).toString("base64")}`;
      const content = [
        { type: "text", text: asked.hello },
        { type: "image_url", image_url: { url, detail: "low" } },
      ];
      return said(await ask("", { messages: [{ role: "user", content }] }));
    },
    structured: async () => {
      const properties = { name: { type: "string" }, height: { type: "number" } };
      const schema = { type: "object", properties, required: ["name", "height"], additionalProperties: false };
      const json_schema = { name: "tree", schema, strict: true };
      const got = said(await ask(asked.tree, { response_format: { type: "json_schema", json_schema } }));
      return { ...got, object: JSON.parse(got.text) };
    },
    missing: () => ask(asked.hello, { model: asked.missing }),
    missing_streamed: () => stream(asked.hello, { model: asked.missing }),
    limited: () => ask(asked.limited),
    embedded: async () => {
      const { data } = await client.embeddings.create({
        model: asked.embedder,
        input: "Hello",
        encoding_format: "float",
      });
      return { embedding: data[0].embedding };
    },
  };
}

function said({ choices: [{ message, finish_reason: finish }], usage }) {
  const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: given } }) => ({
    id,
    name,
    arguments: JSON.parse(given),
  }));
  return { text: message.content, calls, finish, usage: [usage.prompt_tokens, usage.completion_tokens] };
}
