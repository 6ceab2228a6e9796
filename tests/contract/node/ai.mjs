// Vercel's AI SDK: `ai` of several majors, each with a provider of its time.

// The cases of one pair; `model` makes a model of a name, `embedder` one for embeddings.
export function cases({ ai, zod, model, embedder, asked, picture }) {
  const major = "tool" in ai && "jsonSchema" in ai && "stepCountIs" in ai ? 5 : 4;
  const schema = zod.object({ town: zod.string() });
  const weather = ai.tool({
    description: "The weather of a town",
    ...(major === 4 ? { parameters: schema } : { inputSchema: schema }),
  });
  const tree = zod.object({ name: zod.string(), height: zod.number() });
  const ask = { model: model(asked.talker), maxRetries: 0 };
  const user = (text) => ({ ...ask, messages: [{ role: "user", content: text }] });

  return {
    whole: async () => said(await ai.generateText({ ...user(asked.hello), system: "Be brief." })),
    streamed: () => streamed(ai.streamText({ ...user(asked.hello), temperature: 0.5 })),
    tools: () => streamed(ai.streamText({ ...user(asked.weather), tools: { weather } })),
    answered: async () => {
      const first = await ai.generateText({ ...user(asked.weather), tools: { weather } });
      const results = first.toolCalls.map(({ toolCallId, toolName }) => ({
        type: "tool-result",
        toolCallId,
        toolName,
        ...(major === 4 ? { result: "sunny" } : { output: { type: "text", value: "sunny" } }),
      }));
      const messages = [
        { role: "user", content: asked.weather },
        ...first.response.messages,
        { role: "tool", content: results },
      ];
      return said(await ai.generateText({ ...ask, messages, tools: { weather } }));
    },
    picture: async () => {
      const parts = [
        { type: "text", text: asked.hello },
        { type: "image", image: picture },
      ];
      return said(await ai.generateText({ ...ask, messages: [{ role: "user", content: parts }] }));
    },
    structured: async () => {
      const output = ai.Output.object({ schema: tree });
      const got = await ai.generateText({ ...user(asked.tree), experimental_output: output, output });
      return { ...said(got), object: got.output ?? got.experimental_output };
    },
    missing: () => ai.generateText({ ...user(asked.hello), model: model(asked.missing) }),
    missing_streamed: () => streamed(ai.streamText({ ...user(asked.hello), model: model(asked.missing), onError() {} })),
    limited: () => ai.generateText(user(asked.limited)),
    ...(embedder && {
      embedded: async () => {
        const { embedding } = await ai.embed({ model: embedder(asked.embedder), value: "Hello", maxRetries: 0 });
        return { embedding };
      },
    }),
  };
}

function said(result) {
  return {
    text: result.text,
    calls: result.toolCalls.map(call),
    finish: result.finishReason,
    usage: usage(result.usage),
  };
}

async function streamed(result) {
  let pieces = 0;
  for await (const part of result.fullStream) {
    if (part.type === "error") {
      throw part.error;
    }
    pieces += part.type === "text-delta" ? 1 : 0;
  }
  const whole = {
    text: await result.text,
    toolCalls: await result.toolCalls,
    finishReason: await result.finishReason,
    usage: await result.usage,
  };
  return { ...said(whole), pieces };
}

function call({ toolCallId, toolName, args, input }) {
  return { id: toolCallId, name: toolName, arguments: args ?? input };
}

function usage({ promptTokens, completionTokens, inputTokens, outputTokens }) {
  return [promptTokens ?? inputTokens, completionTokens ?? outputTokens];
}
