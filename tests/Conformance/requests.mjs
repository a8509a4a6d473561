// Requests that go through all that the routes can answer. `status` is what has to come back, 200 unless said.
// `reason` says why a request that the document's schema allows is refused all the same: by its words, or unsupported.
const model = "streamcore-demo";
const messages = [{ role: "user", content: "What can you do?" }];
const schema = { type: "object", properties: { city: { type: "string", maxLength: 8 } }, required: ["city"], additionalProperties: false };
const usage = { stream: true, stream_options: { include_usage: true } };

const post = (path, body, rest) => ({ method: "POST", path, body, ...rest });
const chat = (body, rest) => post("/v1/chat/completions", { model, messages, max_completion_tokens: 8, ...body }, rest);
const text = (body, rest) => post("/v1/completions", { model, prompt: "Hello", max_tokens: 8, ...body }, rest);
const both = (make, body) => [make(body), make({ ...body, stream: true }), make({ ...body, ...usage })];
const refusedChat = (status, body, rest) => chat(body, { status, ...rest });
const refusedText = (status, body, rest) => text(body, { status, ...rest });

const tool = { type: "function", function: { name: "look", parameters: { type: "object", properties: {} } } };

const chats = [
  {},
  { tools: [tool] },
  { tools: [tool], tool_choice: "required", max_completion_tokens: 64 },
  { tools: [tool], tool_choice: { type: "function", function: { name: "look" } }, parallel_tool_calls: false, max_completion_tokens: 64 },
  { temperature: 0, seed: 7 },
  { n: 3, temperature: 1 },
  { logprobs: true },
  { logprobs: true, top_logprobs: 5, n: 2 },
  { stop: "a" },
  { stop: ["I", "You"], top_p: 0.5 },
  { response_format: { type: "text" } },
  { response_format: { type: "json_object" }, messages: [{ role: "user", content: "Answer in JSON." }] },
  { response_format: { type: "json_schema", json_schema: { name: "place", schema, strict: true } } },
  { max_completion_tokens: 1 },
  { max_completion_tokens: null, max_tokens: 4 },
  { frequency_penalty: 1, presence_penalty: -1, logit_bias: { 5: -100 } },
  { messages: [{ role: "system", content: "Be short." }, { role: "user", content: [{ type: "text", text: "Hi" }] }, { role: "assistant", content: "Hello!" }, { role: "user", content: "Who are you?" }] },
  { messages: [{ role: "developer", content: "Be short." }, { role: "user", content: "Hi", name: "Ann" }] },
  { user: "u", metadata: { a: "b" }, service_tier: "auto", store: false, modalities: ["text"], verbosity: "medium", safety_identifier: "s", prompt_cache_key: "k" },
];

const texts = [
  {},
  { echo: true, max_tokens: 2 },
  { logprobs: 0 },
  { logprobs: 3 },
  { prompt: ["Hello", "What can you"], n: 2 },
  { prompt: [5, 6, 7] },
  { prompt: [[5, 6], [7]] },
  { echo: true, logprobs: 2, prompt: ["Hello there", "What can"] },
  { stop: ["a", "b"] },
  { temperature: 0, seed: 3, user: "u" },
];

const models = [
  { method: "GET", path: "/v1/models" },
  { method: "GET", path: "/v1/models/streamcore-demo" },
  { method: "GET", path: "/v1/models/nobody", status: 404 },
];

const image = { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } };

const refusals = [
  ...["", "{", "[]", "null", "7", "\"x\"", "{\"model\":\"streamcore-demo\",}", "{\"model\":1e999}", "\u00ff"].flatMap((raw) =>
    ["/v1/chat/completions", "/v1/completions"].map((path) => ({ method: "POST", path, raw, status: 400 }))),
  post("/v1/chat/completions", {}, { status: 400 }),
  post("/v1/completions", {}, { status: 400 }),
  post("/v1/chat/completions", { model }, { status: 400 }),
  post("/v1/chat/completions", { messages }, { status: 400 }),
  ...[
    { messages: [] }, { messages: "hello" }, { messages: [7] }, { messages: [{ role: "user", content: 1 }] }, { messages: [{ role: "king", content: "x" }] },
    { messages: [{ role: "user" }] }, { messages: [{ role: "tool", content: "x" }] }, { messages: [{ role: "user", content: [{ type: "text" }] }] },
    { model: 7 }, { temperature: "hot" }, { temperature: 3 }, { temperature: -1 }, { top_p: 2 }, { n: 0 }, { n: 1.5 }, { n: 1000 }, { stream: "yes" },
    { stop: 5 }, { max_completion_tokens: "8" }, { logprobs: 3 },
    { logprobs: true, top_logprobs: 21 }, { frequency_penalty: 3 }, { presence_penalty: -3 },
    { response_format: { type: "poem" } }, { response_format: "json" }, { response_format: { type: "json_schema" } },
    { tools: [{ type: "function" }] }, { tools: "look" }, { reasoning_effort: 5 },
    { seed: "x" }, { user: 5 }, { metadata: [] },
  ].map((body) => refusedChat(400, body)),
  ...[
    { prompt: 5 }, { prompt: {} }, { prompt: [true] }, { logprobs: 6 }, { echo: "x" },
    { suffix: 5 }, { max_tokens: -1 }, { temperature: 9 }, { logprobs: true }, { n: 0 },
  ].map((body) => refusedText(400, body)),
  refusedChat(404, { model: "nobody" }),
  refusedText(404, { model: "nobody" }),
  refusedChat(400, { max_completion_tokens: -1 }, { reason: "a negative number of tokens" }),
  refusedChat(400, { top_logprobs: 3 }, { reason: "top_logprobs only with logprobs" }),
  refusedChat(400, { logit_bias: { x: 1 } }, { reason: "tokens are named by their ids" }),
  refusedChat(400, { logit_bias: { 5: 101 } }, { reason: "a bias is from -100 to 100" }),
  refusedChat(400, { stream_options: { include_usage: true } }, { reason: "stream_options only with stream" }),
  refusedChat(400, { tool_choice: "required" }, { reason: "tool_choice only with tools" }),
  refusedText(400, { prompt: [] }, { reason: "nothing to complete" }),
  refusedText(400, { prompt: [99999999] }, { reason: "no token of the model" }),
  refusedText(400, { best_of: 1, n: 2 }, { reason: "best_of is at least n" }),
  refusedText(400, { best_of: 3, stream: true }, { reason: "the best is not known until all have ended" }),
  refusedChat(400, { messages: [{ role: "user", content: "seven ".repeat(5000) }] }, { reason: "longer than the model's context" }),
  refusedText(400, { prompt: "seven ".repeat(5000) }, { reason: "longer than the model's context" }),
  refusedChat(400, { messages: [{ role: "user", content: [image] }] }, { reason: "the model reads no images" }),
  refusedChat(400, { modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } }, { reason: "no model speaks" }),
  refusedChat(400, { prediction: { type: "content", content: "x" } }, { reason: "no predicted outputs" }),
  refusedChat(400, { web_search_options: {} }, { reason: "no search" }),
  refusedChat(400, { store: true }, { reason: "nothing is stored" }),
  refusedChat(400, { service_tier: "flex" }, { reason: "one tier" }),
  refusedChat(400, { verbosity: "low" }, { reason: "no model knows verbosity" }),
  refusedText(400, { suffix: "x" }, { reason: "the built-in model fills no gaps" }),
  { method: "GET", path: "/v1/nothing", status: 404 },
  { method: "GET", path: "/", status: 404 },
  { method: "GET", path: "/v1/completions", status: 405 },
  { method: "PUT", path: "/v1/chat/completions", raw: "{}", status: 405 },
  { method: "DELETE", path: "/v1/models", status: 405 },
  { method: "POST", path: "/v1/models/streamcore-demo", raw: "{}", status: 405 },
  { method: "POST", path: "/v1/completions", raw: "<x/>", type: "application/xml", status: 415 },
  { method: "POST", path: "/v1/chat/completions", raw: " ".repeat(33 * 1024 * 1024), status: 413 },
];

export const requests = [
  ...chats.flatMap((body) => both(chat, body)),
  ...texts.flatMap((body) => both(text, body)),
  text({ best_of: 3, n: 2, temperature: 1 }),
  text({ best_of: 2, logprobs: 1, temperature: 1 }),
  ...models,
  ...refusals,
];
