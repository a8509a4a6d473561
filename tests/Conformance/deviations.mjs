// Where OpenAI's service, and its own clients, differ from the letter of the document, and StreamCore goes with the service.
// Each is as narrow as it can be said; a fault that none of them names counts.
const streamedText = (answer) => answer.schema === "CreateCompletionResponse" && answer.streamed;

export const deviations = [
  {
    reason: "a chunk of a streamed completion has no finish reason until the last; the document has no schema of its own for such chunks",
    holds: (answer, fault) => streamedText(answer) && fault.value === null && /^\/choices\/\d+\/finish_reason$/.test(fault.path),
  },
  {
    reason: "with include_usage, all chunks but the last have a null usage, as the document says at stream_options, but not in this schema",
    holds: (answer, fault) => streamedText(answer) && fault.value === null && fault.path === "/usage",
  },
  {
    reason: "the first token of an echoed prompt follows nothing, so its logprobs are null",
    holds: (answer, fault) =>
      answer.schema === "CreateCompletionResponse" && fault.value === null &&
      /^\/choices\/\d+\/logprobs\/(token_logprobs|top_logprobs)\/0$/.test(fault.path) &&
      answer.value.choices[Number(fault.path.split("/")[2])].logprobs.text_offset?.[0] === 0,
  },
];

// A failing branch of anyOf reports the branches' faults and its own, at the same value or above it:
// the anyOf's own line is explained when all the others are.
export function unexplained(answer, faults, seen) {
  const left = faults.filter((fault) => {
    const found = deviations.find((deviation) => deviation.holds(answer, fault));
    if (found) seen.add(found.reason);
    return !found;
  });
  const summaryOnly = (fault) =>
    /must match a schema in anyOf|must be null/.test(fault.message) && faults.some((f) => f.path.startsWith(fault.path + "/") && !left.includes(f));
  return left.filter((fault) => !summaryOnly(fault) || left.some((f) => f.path.startsWith(fault.path + "/")));
}
