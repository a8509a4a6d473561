// What came back on a route, as values each with the schema that the document has for it.
const schemas = [
  [/^POST \/v1\/chat\/completions$/, "CreateChatCompletionResponse", "CreateChatCompletionStreamResponse"],
  [/^POST \/v1\/completions$/, "CreateCompletionResponse", "CreateCompletionResponse"],
  [/^GET \/v1\/models$/, "ListModelsResponse"],
  [/^GET \/v1\/models\/.+$/, "Model"],
];

// Routes that OpenAI has not. Their errors are OpenAI's all the same, except that a probe's answer is no error whatever its status.
const probe = /^\w+ \/(v1\/)?(health|ready)$/;
const ours = /^POST \/(v1\/)?(tokenize|detokenize|apply-template)$/;

const isError = (value) => typeof value === "object" && value !== null && "error" in value;

// `complete` is false for what a client left before its end: the last event may then be a part of one.
export function parts({ method, path, status, type, body, complete = true }) {
  const route = `${method} ${path.split("?")[0].replace(/^\/(?!v1\/)(?=models|chat\/|completions)/, "/v1/")}`;
  if (body === "" && (status === 204 || !complete)) return [];
  if (probe.test(route)) return [];
  if (status >= 400) return [{ schema: "ErrorResponse", value: json(body), streamed: false, at: "" }];
  const entry = schemas.find(([pattern]) => pattern.test(route));
  if (!entry) return ours.test(route) ? [] : [{ fault: `${status} on a route with no schema: ${route}` }];
  if (!/^text\/event-stream/.test(type)) {
    return complete ? [{ schema: entry[1], value: json(body), streamed: false, at: "" }] : [];
  }
  return events(body, complete).flatMap((data, index, all) => {
    if (data === "[DONE]") return index === all.length - 1 ? [] : [{ fault: "something follows [DONE]" }];
    const value = json(data);
    return [{ schema: isError(value) ? "ErrorResponse" : entry[2], value, streamed: true, at: `event ${index}` }];
  });
}

function events(body, complete) {
  const blocks = body.split("\n\n");
  const rest = blocks.pop();
  if (complete && rest !== "") blocks.push(rest);
  return blocks.flatMap((block) => {
    const data = block.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
    return data.length > 0 ? [data.join("\n")] : [];
  });
}

function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no schema takes it
  }
}
