// The AI SDK with its provider for compatible servers: node ai-sdk.mjs <base url> <model>
// The model answers as for helpers.mjs.
import assert from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateObject, generateText, jsonSchema, stepCountIs, streamObject, streamText, tool } from "ai";
import { z } from "zod";

const [baseURL, model] = process.argv.slice(2);
const provider = createOpenAICompatible({ name: "streamcore", baseURL, supportsStructuredOutputs: true, includeUsage: true });
const common = { model: provider(model), maxRetries: 0, temperature: 0 };
const answered = "It says: 2 days of rain in Zürich";

function weather(calls) {
  return tool({
    description: "Tells the weather.",
    inputSchema: z.object({ city: z.string(), days: z.array(z.number()) }),
    execute: async (input) => {
      calls.push(input);
      return `${input.days.length} days of rain in ${input.city}`;
    },
  });
}

function checkUsage(usage, text) {
  assert.ok(usage.inputTokens > 0);
  assert.equal(usage.outputTokens, Buffer.byteLength(text) + 1); // a token a byte, and the one that ends
  assert.equal(usage.totalTokens, usage.inputTokens + usage.outputTokens);
}

async function text() {
  const whole = await generateText({ ...common, prompt: "Say hello.", maxOutputTokens: 40 });
  assert.equal(whole.text, "Hello, world.");
  assert.equal(whole.finishReason, "stop");
  checkUsage(whole.usage, whole.text);
  const stream = streamText({ ...common, prompt: "Say hello." });
  let text = "";
  for await (const part of stream.textStream) text += part;
  assert.equal(text, whole.text);
  assert.equal(await stream.finishReason, "stop");
  checkUsage(await stream.usage, text);
}

async function tools() {
  const calls = [];
  const ask = { ...common, prompt: "Weather?", tools: { get_weather: weather(calls) }, stopWhen: stepCountIs(3) };
  const whole = await generateText(ask);
  assert.equal(whole.text, answered);
  assert.deepEqual(whole.steps.map((step) => step.finishReason), ["tool-calls", "stop"]);
  assert.deepEqual(whole.steps[0].toolCalls[0].input, { city: "Zürich", days: [1, 2] });
  const stream = streamText(ask);
  const inputs = [];
  for await (const part of stream.fullStream) {
    assert.notEqual(part.type, "error");
    if (part.type === "tool-input-delta") inputs.push(part.delta);
  }
  assert.equal(await stream.text, answered);
  assert.deepEqual(JSON.parse(inputs.join("")), { city: "Zürich", days: [1, 2] });
  assert.deepEqual((await stream.steps).map((step) => step.finishReason), ["tool-calls", "stop"]);
  assert.deepEqual(calls, [{ city: "Zürich", days: [1, 2] }, { city: "Zürich", days: [1, 2] }]);
}

async function objects() {
  const schema = z.object({
    name: z.string().max(5),
    age: z.int().min(0).max(150),
    pets: z.array(z.object({ kind: z.enum(["cat", "dog"]), old: z.boolean().optional() })).max(2),
  });
  for (let seed = 1; seed <= 3; seed++) {
    const ask = { ...common, prompt: "Who?", schema, seed, temperature: 1, maxOutputTokens: 400 };
    const { object, finishReason } = await generateObject(ask);
    assert.equal(finishReason, "stop");
    assert.deepEqual(object, schema.parse(object));
    let partial;
    const stream = streamObject(ask);
    for await (partial of stream.partialObjectStream) assert.equal(typeof partial, "object");
    assert.deepEqual(partial, object);
    assert.deepEqual(await stream.object, object);
  }
  const plain = jsonSchema({ type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"], additionalProperties: false });
  const { object } = await generateObject({ ...common, prompt: "Well?", schema: plain });
  assert.equal(typeof object.ok, "boolean");
}

await text();
await tools();
await objects();
console.log("all checks hold");
