// The built server program on a free port, with the built-in model.
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../artifacts/bin/StreamCore.Server/debug/streamcore.dll", import.meta.url));

export async function startServer() {
  const child = spawn("dotnet", [program, "serve", "--listen", "127.0.0.1", "--port", "0"], { cwd: tmpdir(), stdio: ["ignore", "pipe", "pipe"] });
  const address = await new Promise((resolve, reject) => {
    let said = "";
    const listen = (data) => {
      said += data;
      const found = /^StreamCore serves .* at (http:\/\/localhost:\d+)\/v1 /m.exec(said);
      if (found) resolve(found[1].replace("localhost", "127.0.0.1"));
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`The server ended with ${code} before it served:\n${said}`)));
  });
  const stop = () => new Promise((resolve) => {
    child.once("exit", resolve);
    child.kill("SIGTERM");
  });
  return { address, stop };
}
