// LangChain for JavaScript.

export function cases({ lib, zod, make, asked, picture }) {
  const model = make(lib.ChatOpenAI, asked.talker);
  const schema = zod.object({ town: zod.string() });
  const weather = { name: "weather", description: "The weather of a town", schema };
  const tools = [
    {
      type: "function",
      function: {
        name: weather.name,
        description: weather.description,
        parameters: { type: "object", properties: { town: { type: "string" } }, required: ["town"] },
      },
    },
  ];
  const { HumanMessage, SystemMessage, ToolMessage } = lib.messages;

  return {
    whole: async () => said(await model.invoke([new SystemMessage("Be brief."), new HumanMessage(asked.hello)])),
    streamed: () => streamed(model, [new HumanMessage(asked.hello)]),
    tools: () => streamed(model.bindTools(tools), [new HumanMessage(asked.weather)]),
    answered: async () => {
      const question = new HumanMessage(asked.weather);
      const bound = model.bindTools(tools);
      const first = await bound.invoke([question]);
      const results = first.tool_calls.map(({ id }) => new ToolMessage({ content: "sunny", tool_call_id: id }));
      return said(await bound.invoke([question, first, ...results]));
    },
    picture: async () => {
      const url = `data:image/png;base64,${Buffer.from(picture).toString("base64")}`;
      const content = [
        { type: "text", text: asked.hello },
        { type: "image_url", image_url: { url } },
      ];
      return said(await model.invoke([new HumanMessage({ content })]));
    },
    structured: async () => {
      const tree = zod.object({ name: zod.string(), height: zod.number() });
      const wanted = model.withStructuredOutput(tree, { method: "jsonSchema", includeRaw: true });
      const { raw, parsed } = await wanted.invoke(asked.tree);
      return { ...said(raw), object: parsed };
    },
    missing: () => make(lib.ChatOpenAI, asked.missing).invoke(asked.hello),
    missing_streamed: () => streamed(make(lib.ChatOpenAI, asked.missing), asked.hello),
    limited: () => model.invoke(asked.limited),
    embedded: async () => {
      const embedding = await make(lib.OpenAIEmbeddings, asked.embedder).embedQuery("Hello");
      return { embedding };
    },
  };
}

function said(message) {
  const { input_tokens: sent, output_tokens: answered } = message.usage_metadata ?? {};
  return {
    text: message.text ?? message.content,
    calls: message.tool_calls.map(({ id, name, args }) => ({ id, name, arguments: args })),
    finish: message.response_metadata.finish_reason,
    usage: [sent, answered],
  };
}

async function streamed(model, messages) {
  let whole;
  let pieces = 0;
  for await (const chunk of await model.stream(messages)) {
    whole = whole ? whole.concat(chunk) : chunk;
    pieces += 1;
  }
  return { ...said(whole), pieces };
}
