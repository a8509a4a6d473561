// The helpers of the official npm client: node helpers.mjs <base url> <model>
// Asked "Weather?" the model calls get_weather, and then repeats the result; asked "Say hello." it says "Hello, world.";
// asked anything else it says what its format leaves.
import assert from "node:assert/strict";
import OpenAI from "openai";
import { zodFunction, zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";

const [baseURL, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "unused", maxRetries: 0 });
const hello = [{ role: "user", content: "Say hello." }];
const weather = [{ role: "user", content: "Weather?" }];

const Place = z.object({ name: z.string().max(4), kind: z.enum(["town", "lake"]) }).meta({ id: "Place" });
const Trip = z.object({
  from: Place,
  to: Place.nullable(),
  days: z.int().min(1).max(14),
  stops: z.array(Place).max(2),
  by: z.discriminatedUnion("by", [
    z.object({ by: z.literal("train"), class: z.union([z.literal(1), z.literal(2)]) }),
    z.object({ by: z.literal("bicycle"), electric: z.boolean() }),
  ]),
});

function weatherTool(calls) {
  return zodFunction({
    name: "get_weather",
    description: "Tells the weather.",
    parameters: z.object({ city: z.string(), days: z.array(z.number()).nullable() }),
    function: ({ city, days }) => {
      calls.push({ city, days });
      return `${days.length} days of rain in ${city}`;
    },
  });
}

async function toolLoop() {
  const calls = [];
  const tool = weatherTool(calls);
  assert.equal(tool.function.strict, true);
  const runner = client.chat.completions.runTools({ model, messages: weather, tools: [tool], parallel_tool_calls: false, store: false });
  assert.equal(await runner.finalContent(), "It says: 2 days of rain in Zürich");
  assert.deepEqual(calls, [{ city: "Zürich", days: [1, 2] }]);
  const roles = runner.messages.map((message) => message.role);
  assert.deepEqual(roles, ["user", "assistant", "tool", "assistant"]);
  assert.equal(runner.messages[2].tool_call_id, runner.messages[1].tool_calls[0].id);
  const usage = await runner.totalUsage();
  assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
  assert.ok(usage.completion_tokens > "It says: 2 days of rain in Zürich".length);
}

async function streamedToolLoop() {
  const calls = [];
  const runner = client.chat.completions.runTools({ model, messages: weather, tools: [weatherTool(calls)], stream: true });
  const seen = [];
  runner.on("content", (delta) => seen.push(delta));
  assert.equal(await runner.finalContent(), "It says: 2 days of rain in Zürich");
  assert.deepEqual(calls, [{ city: "Zürich", days: [1, 2] }]);
  assert.equal(seen.join(""), "It says: 2 days of rain in Zürich");
}

async function parsedTool() {
  const answer = await client.chat.completions.parse({ model, messages: weather, tools: [weatherTool([])] });
  const [call] = answer.choices[0].message.tool_calls;
  assert.equal(call.function.name, "get_weather");
  assert.deepEqual(call.function.parsed_arguments, { city: "Zürich", days: [1, 2] });
}

async function parsed() {
  const response_format = zodResponseFormat(Trip, "trip");
  const { schema } = response_format.json_schema;
  assert.ok(schema.$schema && schema.additionalProperties === false && schema.definitions); // what is shown to hold below
  const trips = new Set();
  for (let seed = 1; seed <= 4; seed++) {
    const ask = { model, messages: [{ role: "user", content: "Where to?" }], response_format, seed, temperature: 1, max_tokens: 400 };
    const answer = await client.chat.completions.parse(ask);
    const { message, finish_reason } = answer.choices[0];
    assert.equal(finish_reason, "stop");
    assert.deepEqual(message.parsed, Trip.parse(JSON.parse(message.content)));
    const stream = client.chat.completions.stream(ask);
    const events = [];
    stream.on("content.delta", ({ snapshot }) => events.push(snapshot));
    stream.on("content.done", ({ parsed: done }) => events.push(done));
    const final = (await stream.finalChatCompletion()).choices[0].message;
    assert.deepEqual(final.parsed, message.parsed);
    assert.deepEqual(events.slice(-2), [message.content, message.parsed]);
    trips.add(message.content);
  }
  assert.ok(trips.size > 1);
}

async function recursive() {
  const Tree = z.object({ leaf: z.enum(["a", "b"]), get children() { return z.array(Tree).max(2); } });
  const response_format = zodResponseFormat(Tree, "tree");
  for (let seed = 1; seed <= 3; seed++) {
    const answer = await client.chat.completions.parse({ model, messages: [{ role: "user", content: "Grow." }], response_format, seed, temperature: 1, max_tokens: 900 });
    assert.deepEqual(answer.choices[0].message.parsed, Tree.parse(JSON.parse(answer.choices[0].message.content)));
  }
}

async function streamed() {
  const stream = client.chat.completions.stream({
    model, messages: hello, logprobs: true, top_logprobs: 2, store: false, stream_options: { include_usage: true, include_obfuscation: false },
  });
  const text = [];
  const logprobs = [];
  stream.on("content", (delta) => text.push(delta));
  stream.on("logprobs.content.delta", ({ content }) => logprobs.push(...content));
  const final = await stream.finalChatCompletion();
  assert.equal(text.join(""), "Hello, world.");
  assert.equal(final.choices[0].message.content, "Hello, world.");
  assert.equal(final.choices[0].finish_reason, "stop");
  assert.deepEqual(final.choices[0].logprobs.content, logprobs);
  assert.equal((await stream.totalUsage()).completion_tokens, final.usage.completion_tokens);
  assert.equal(Buffer.from(logprobs.flatMap((one) => one.bytes)).toString(), "Hello, world.");
  assert.ok(logprobs.every((one) => one.top_logprobs.length === 2 && one.top_logprobs[0].token === one.token && one.logprob <= 0));
  const whole = await client.chat.completions.create({ model, messages: hello, logprobs: true, top_logprobs: 2 });
  assert.deepEqual(whole.choices[0].logprobs.content, logprobs);
  assert.equal(whole.usage.total_tokens, final.usage.total_tokens);
}

await toolLoop();
await streamedToolLoop();
await parsedTool();
await parsed();
await recursive();
await streamed();
console.log("all checks hold");
