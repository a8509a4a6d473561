// The official npm client against a running server: node openai.mjs <base url> <model>
// Each check throws when it fails; the process ends with 0 only when all hold.
import assert from "node:assert/strict";
import OpenAI, { APIUserAbortError, BadRequestError, NotFoundError } from "openai";

const [baseURL, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "unused", maxRetries: 0 });
const messages = [{ role: "user", content: "Hello!" }];

async function chat() {
  const answer = await client.chat.completions.create({ model, messages, temperature: 0, max_completion_tokens: 24 });
  assert.equal(answer.object, "chat.completion");
  assert.equal(answer.model, model);
  assert.equal(answer.choices.length, 1);
  assert.equal(answer.choices[0].message.role, "assistant");
  assert.ok(answer.choices[0].message.content.length > 0);
  assert.ok(["stop", "length"].includes(answer.choices[0].finish_reason));
  assert.ok(answer.usage.prompt_tokens > 0 && answer.usage.completion_tokens > 0);
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
  return answer;
}

async function streamedChat(whole) {
  const stream = await client.chat.completions.create({
    model, messages, temperature: 0, max_completion_tokens: 24, stream: true, stream_options: { include_usage: true },
  });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  const ids = new Set(chunks.map((c) => `${c.id} ${c.object} ${c.created} ${c.model}`));
  assert.equal(ids.size, 1);
  assert.equal(chunks[0].object, "chat.completion.chunk");
  assert.equal(chunks[0].choices[0].delta.role, "assistant");
  const last = chunks.at(-1);
  assert.deepEqual(last.choices, []);
  assert.deepEqual(last.usage, whole.usage);
  const parts = chunks.slice(0, -1);
  assert.ok(parts.every((c) => c.choices.length === 1 && c.choices[0].index === 0));
  assert.ok(parts.slice(1).every((c) => !("role" in c.choices[0].delta)));
  assert.ok(parts.slice(0, -1).every((c) => c.choices[0].finish_reason === null));
  assert.equal(parts.at(-1).choices[0].finish_reason, whole.choices[0].finish_reason);
  assert.equal(parts.map((c) => c.choices[0].delta.content ?? "").join(""), whole.choices[0].message.content);
}

async function completions() {
  const answer = await client.completions.create({ model, prompt: "Hello", max_tokens: 8, temperature: 0 });
  assert.equal(answer.object, "text_completion");
  assert.equal(typeof answer.choices[0].text, "string");
  const stream = await client.completions.create({ model, prompt: "Hello", max_tokens: 8, temperature: 0, stream: true });
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0].text;
  assert.equal(text, answer.choices[0].text);
}

async function models() {
  const list = await client.models.list();
  assert.ok(list.data.some((m) => m.id === model && m.object === "model"));
  assert.equal((await client.models.retrieve(model)).id, model);
  await assert.rejects(client.models.retrieve("no/such-model"), NotFoundError);
}

async function refusals() {
  await assert.rejects(client.chat.completions.create({ model: "no-such-model", messages }), (error) => {
    assert.ok(error instanceof NotFoundError);
    assert.equal(error.code, "model_not_found");
    assert.equal(error.type, "invalid_request_error");
    return true;
  });
  await assert.rejects(client.chat.completions.create({ model, messages, temperature: "hot" }), (error) => {
    assert.ok(error instanceof BadRequestError);
    assert.equal(error.param, "temperature");
    return true;
  });
  await assert.rejects(client.chat.completions.create({ model }), (error) => error instanceof BadRequestError && error.param === "messages");
}

async function abort() {
  const stream = await client.chat.completions.create({ model, messages, max_completion_tokens: 200, stream: true });
  let seen = 0;
  for await (const chunk of stream) {
    assert.ok(chunk.id);
    if (++seen === 3) break; // leaving the loop closes the connection
  }
  assert.ok(stream.controller.signal.aborted);
  const controller = new AbortController();
  const call = client.chat.completions.create({ model, messages, max_completion_tokens: 200 }, { signal: controller.signal });
  controller.abort();
  await assert.rejects(call, APIUserAbortError);
}

const whole = await chat();
await streamedChat(whole);
await completions();
await models();
await refusals();
await abort();
console.log("all checks hold");
