// The official npm client with tools: node tools.mjs <base url> <model>
// The model reasons, says "I look.", and calls get_weather and get_time.
import assert from "node:assert/strict";
import OpenAI from "openai";

const [baseURL, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "unused", maxRetries: 0 });
const messages = [{ role: "user", content: "Hello!" }];
const tools = ["get_weather", "get_time"].map((name) => ({
  type: "function",
  function: { name, parameters: { type: "object", properties: {} } },
}));

function check(choice) {
  assert.equal(choice.finish_reason, "tool_calls");
  assert.equal(choice.message.content, "I look.");
  const calls = choice.message.tool_calls;
  assert.deepEqual(calls.map((call) => call.function.name), ["get_weather", "get_time"]);
  assert.deepEqual(calls.map((call) => JSON.parse(call.function.arguments)), [{ city: 'Zürich }"', days: [1, 2] }, {}]);
  assert.ok(calls.every((call) => call.type === "function" && call.id.startsWith("call_")));
  assert.equal(new Set(calls.map((call) => call.id)).size, 2);
}

const whole = await client.chat.completions.create({ model, messages, tools, temperature: 0 });
check(whole.choices[0]);
assert.equal(whole.choices[0].message.reasoning_content, "Two cities.");

const stream = client.chat.completions.stream({ model, messages, tools, temperature: 0 });
const done = [];
stream.on("tool_calls.function.arguments.done", (call) => done.push(call.name));
check((await stream.finalChatCompletion()).choices[0]);
assert.deepEqual(done, ["get_weather", "get_time"]);
console.log("all checks hold");
