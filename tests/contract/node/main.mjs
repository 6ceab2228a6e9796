// The clients of npm, one after the other, against a running server. Reads a picture from its input
// and prints one JSON object: for each client what its cases came to.

import { buffer } from "node:stream/consumers";

import { createOpenAI as openai4 } from "@ai-sdk/openai";
import { createOpenAICompatible as compatible3 } from "@ai-sdk/openai-compatible";
import * as messages from "@langchain/core/messages";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import * as ai7 from "ai";
import * as ai4 from "ai-4";
import * as ai5 from "ai-5";
import * as ai6 from "ai-6";
import * as oldLangchain from "langchain-old";
import OpenAI from "openai";
import { createOpenAI as openai2 } from "openai-2";
import { createOpenAI as openai3 } from "openai-3";
import { createOpenAICompatible as compatible02 } from "openai-compatible-0.2";
import { createOpenAICompatible as compatible1 } from "openai-compatible-1";
import { z as zod } from "zod";

import { cases as ofTheAiSdk } from "./ai.mjs";
import { cases as ofLangchain } from "./langchain.mjs";
import { cases as ofOpenai } from "./openai.mjs";
import { outcomes, recorder } from "./recording.mjs";

const baseURL = `${process.env.ADAPTIVE_BASE_URL}/api/v1`;
const apiKey = process.env.ADAPTIVE_API_KEY;
const asked = JSON.parse(process.env.ASKED);
const picture = await buffer(process.stdin);
const results = {};

async function run(name, make) {
  const { exchanges, fetch } = recorder();
  results[name] = await outcomes(make(fetch), exchanges);
}

for (const [name, ai, create] of [
  ["ai 5, @ai-sdk/openai 2", ai5, openai2],
  ["ai 6, @ai-sdk/openai 3", ai6, openai3],
  ["ai 7, @ai-sdk/openai 4", ai7, openai4],
]) {
  await run(name, (fetch) => {
    const provider = create({ baseURL, apiKey, fetch });
    const [model, embedder] = [provider.chat, provider.textEmbeddingModel ?? provider.embeddingModel];
    return ofTheAiSdk({ ai, zod, model, embedder, asked, picture });
  });
}

for (const [name, ai, create] of [
  ["ai 4, @ai-sdk/openai-compatible 0.2", ai4, compatible02],
  ["ai 5, @ai-sdk/openai-compatible 1", ai5, compatible1],
  ["ai 7, @ai-sdk/openai-compatible 3", ai7, compatible3],
]) {
  await run(name, (fetch) => {
    const more = { includeUsage: true, supportsStructuredOutputs: true };
    const model = create({ name: "adaptive", baseURL, apiKey, fetch, ...more });
    return ofTheAiSdk({ ai, zod, model, asked, picture });
  });
}

for (const [name, lib] of [
  ["@langchain/openai 0.6", oldLangchain],
  ["@langchain/openai 1", { ChatOpenAI, OpenAIEmbeddings, messages }],
]) {
  await run(name, (fetch) => {
    const more = { apiKey, maxRetries: 0, configuration: { baseURL, fetch }, streamUsage: true };
    const make = (Kind, model) => new Kind({ model, ...more });
    return ofLangchain({ lib, zod, make, asked, picture });
  });
}

await run("openai (node)", (fetch) => {
  const client = new OpenAI({ baseURL, apiKey, fetch, maxRetries: 0 });
  return ofOpenai({ client, asked, picture });
});

console.log(JSON.stringify(results));
