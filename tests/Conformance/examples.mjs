// The document's own example requests, put to the built-in model.
const model = "streamcore-demo";

const refused = new Map([
  ["Image input", "the built-in model reads no images"],
]);

export function examples(document) {
  return ["/chat/completions", "/completions"].flatMap((path) => {
    const known = document.content.paths[path].post["x-oaiMeta"].examples;
    return [known].flat().map(({ title, request }) => {
      const body = { ...JSON.parse(/-d '(.*)'\s*$/s.exec(request.curl)[1]), model };
      const reason = refused.get(title);
      return { method: "POST", path: `/v1${path}`, body, status: reason ? 400 : 200, reason };
    });
  });
}
