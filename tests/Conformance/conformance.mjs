// Checks answers against OpenAI's OpenAPI document: see README.md.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parts } from "./answers.mjs";
import { unexplained } from "./deviations.mjs";
import { Document } from "./document.mjs";
import { examples } from "./examples.mjs";
import { requests } from "./requests.mjs";
import { startServer } from "./server.mjs";

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { recorded: { type: "string" } } });
if (positionals.length !== 1) {
  console.error("usage: node conformance.mjs OPENAPI_DOCUMENT [--recorded DIR]");
  process.exit(2);
}

const document = new Document(positionals[0]);
const sent = [...requests, ...examples(document)];
const checked = new Map();
const explained = new Set();
let faults = 0;

function report(what, fault) {
  faults += 1;
  console.log(`${what}: ${fault}`);
}

function check(what, answer) {
  for (const part of parts(answer)) {
    if (part.fault) {
      report(what, part.fault);
      continue;
    }
    checked.set(part.schema, (checked.get(part.schema) ?? 0) + 1);
    for (const { path, message, value } of unexplained(part, document.faults(part.schema, part.value), explained)) {
      report(what, `${part.at} ${part.schema} ${path} ${message}, but is ${JSON.stringify(value)?.slice(0, 200)}`);
    }
  }
}

const requestSchemas = { "/v1/chat/completions": "CreateChatCompletionRequest", "/v1/completions": "CreateCompletionRequest" };

// The document allows what is answered, and what it allows is refused only for a reason.
function checkRequest(what, { path, body, status = 200, reason }) {
  const schema = requestSchemas[path];
  if (!schema || body === undefined || status === 404) return;
  const wrong = document.faults(schema, body);
  if (status === 200 && wrong.length > 0) report(what, `${schema} does not allow this request: ${wrong[0].path} ${wrong[0].message}`);
  if (status === 400 && wrong.length === 0 && !reason) report(what, `refused, though ${schema} allows it`);
}

async function send(address, request) {
  const { method, path, raw, body, type = "application/json", status = 200 } = request;
  const what = `${method} ${path} ${(raw ?? JSON.stringify(body) ?? "").slice(0, 300)}`;
  checkRequest(what, request);
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(address + path, { method, body: content, headers: content === undefined ? {} : { "content-type": type } });
  const answer = { method, path, status: response.status, type: response.headers.get("content-type") ?? "", body: await response.text() };
  if (answer.status !== status) report(what, `answered ${answer.status} instead of ${status}: ${answer.body.slice(0, 300)}`);
  check(what, answer);
}

const server = await startServer();
try {
  for (const request of sent) await send(server.address, request);
} finally {
  await server.stop();
}

let recorded = 0;
if (options.recorded) {
  for (const name of readdirSync(options.recorded)) {
    const answer = JSON.parse(readFileSync(join(options.recorded, name), "utf8"));
    check(`${name} ${answer.method} ${answer.path} ${answer.status}`, answer);
    recorded += 1;
  }
  if (recorded === 0) report(options.recorded, "no recorded answers");
}

console.log(`OpenAPI document ${document.version}; ${sent.length} requests, ${recorded} recorded answers`);
for (const [schema, count] of [...checked].sort()) console.log(`  ${schema}: ${count} checked`);
for (const reason of explained) console.log(`  differs knowingly: ${reason}`);
console.log(`${[...checked.values()].reduce((a, b) => a + b, 0)} values checked, ${faults} faults`);
process.exit(faults === 0 ? 0 : 1);
