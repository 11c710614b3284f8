// Starts the built server on a data folder of its own, with an administrator, for a test to use.
import { execFile, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Who administers the test's installation. */
export const administrator = {
  email: "ada@example.org",
  password: "granite under heather",
  org: "stones",
};

const patience = { starting: 120_000, stopping: 20_000 };

/** Names a data folder with the demo organisation, for each server to begin with a copy of it. */
const PREPARED = "MEGALITH_E2E_DEMO";

/** Fills the demo organisation once, for every `startServer` of the processes started after it. */
export async function prepareDemo() {
  const server = await startServer({ demo: true });
  await server.end();
  process.env[PREPARED] = server.data;
  return server.remove;
}

/**
 * Starts a server and waits until it answers. `demo` fills the demo organisation first; `bare`
 * leaves it without an administrator, so that it prints a set-up link.
 *
 * @returns its address, its output so far, how to run a command on its data, and how to stop it.
 */
export async function startServer({ demo = false, bare = false } = {}) {
  const binary = process.env.MEGALITH_BINARY;
  if (!binary) throw new Error("MEGALITH_BINARY must name the server's binary: `cargo xtask test`");
  const folder = mkdtempSync(join(tmpdir(), "megalith-e2e-"));
  const data = join(folder, "data");
  const flags = ["serve", "--data", data, "--listen", "127.0.0.1:0"];
  if (demo) flags.push("--demo");
  if (demo && process.env[PREPARED]) cpSync(process.env[PREPARED], data, { recursive: true });
  const child = spawn(binary, flags, {
    env: {
      ...process.env,
      ...(!bare && {
        MEGALITH_ADMIN_EMAIL: administrator.email,
        MEGALITH_ADMIN_PASSWORD: administrator.password,
        MEGALITH_ORG: administrator.org,
      }),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const endWithUs = () => child.kill("SIGKILL");
  process.once("exit", endWithUs);
  let output = "";
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const address = await new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`no answer in time:\n${output}`)),
      patience.starting,
    );
    const read = (chunk) => {
      output += chunk;
      const found =
        /"address":"(http:[^"]+)"/.exec(output) ?? /Megalith is at (http:\S+)/.exec(output);
      if (!found) return;
      clearTimeout(late);
      resolve(found[1].replace("localhost", "127.0.0.1"));
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
  });
  const end = async () => {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), patience.stopping);
    await ended;
    clearTimeout(late);
    process.removeListener("exit", endWithUs);
  };
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return {
    url: address,
    data,
    output: () => output,
    async command(args, env = {}) {
      const { stdout } = await promisify(execFile)(binary, [...args, "--data", data], {
        env: { ...process.env, ...env },
      });
      return stdout;
    },
    end,
    remove,
    async stop() {
      await end();
      remove();
    },
  };
}
