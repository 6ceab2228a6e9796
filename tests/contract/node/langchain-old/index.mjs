// LangChain before 1.0, whose packages cannot stand beside the newer ones in one folder.
export * as messages from "@langchain/core/messages";
export { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
