// Keeps each answer that a client reads, where RECORD_ANSWERS_TO says so, as Recording.cs does: node --import ./recording.mjs SCRIPT
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.env.RECORD_ANSWERS_TO;
const open = new Set();

function save(answer, complete) {
  if (!open.delete(answer)) return;
  const { chunks, ...rest } = answer;
  const body = Buffer.concat(chunks).toString("utf8");
  writeFileSync(join(folder, `${randomUUID()}.json`), JSON.stringify({ ...rest, body, complete }));
}

function recorded(fetch) {
  return async (input, init) => {
    const response = await fetch(input, init);
    const { pathname } = new URL(input.url ?? input);
    const type = response.headers.get("content-type") ?? "";
    const answer = { method: init?.method ?? input.method ?? "GET", path: pathname, status: response.status, type, chunks: [] };
    open.add(answer);
    const keep = new TransformStream({
      transform(chunk, controller) {
        answer.chunks.push(chunk);
        controller.enqueue(chunk);
      },
      flush: () => save(answer, true),
    });
    return new Response(response.body.pipeThrough(keep), response);
  };
}

if (folder) {
  mkdirSync(folder, { recursive: true });
  globalThis.fetch = recorded(globalThis.fetch);
  process.on("exit", () => open.forEach((answer) => save(answer, false))); // what a client left
}
